import { afterEach, expect, test, vi } from "vitest";
import { together } from "../../src/server/grpc/together.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Passes two calls on; returns those whose step is done at once, and the scheduled callbacks. */
function passTwo(): { done: string[]; scheduled: (() => void)[] } {
  const done: string[] = [];
  const scheduled: (() => void)[] = [];
  const pass = together<string>(
    (callback) => scheduled.push(callback),
    (call) => done.push(call),
  );
  pass("first");
  pass("second");
  return { done, scheduled };
}

test("in Node a step is done at once", () => {
  const { done, scheduled } = passTwo();
  expect(done).toEqual(["first", "second"]);
  expect(scheduled).toEqual([]);
});

test("in Bun the steps of all calls are done in one callback, in their order", () => {
  vi.stubGlobal("Bun", {});
  const { done, scheduled } = passTwo();
  expect(done).toEqual([]);
  expect(scheduled).toHaveLength(1);
  scheduled[0]?.();
  expect(done).toEqual(["first", "second"]);
});

test("in Bun calls that come after a callback get one of their own", () => {
  vi.stubGlobal("Bun", {});
  const batches: string[][] = [];
  const scheduled: (() => void)[] = [];
  const pass = together<string>(
    (callback) => scheduled.push(callback),
    (call) => batches.at(-1)?.push(call),
  );
  for (const call of ["first", "second"]) {
    batches.push([]);
    pass(call);
    scheduled.shift()?.();
  }
  expect(batches).toEqual([["first"], ["second"]]);
});

test("in Bun more than sixteen calls take several callbacks", () => {
  vi.stubGlobal("Bun", {});
  const done: number[] = [];
  const scheduled: (() => void)[] = [];
  const pass = together<number>(
    (callback) => scheduled.push(callback),
    (call) => done.push(call),
  );
  const calls = Array.from({ length: 40 }, (_, index) => index);
  for (const call of calls) pass(call);
  const doneAfter = [];
  for (let run = scheduled.shift(); run !== undefined; run = scheduled.shift()) {
    run();
    doneAfter.push(done.length);
  }
  expect(doneAfter).toEqual([16, 32, 40]);
  expect(done).toEqual(calls);
});
