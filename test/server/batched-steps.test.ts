import { afterEach, expect, test, vi } from "vitest";
import { batchedSteps } from "../../src/server/grpc/batched-steps.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Passes two calls on; returns those whose step is done at once, and the scheduled callbacks. */
function passTwo(): { done: string[]; scheduled: (() => void)[] } {
  const done: string[] = [];
  const scheduled: (() => void)[] = [];
  const pass = batchedSteps<string>(
    (callback) => scheduled.push(callback),
    (call) => done.push(call),
  );
  pass("first");
  pass("second");
  return { done, scheduled };
}

test("in Node a step is taken at once", () => {
  const { done, scheduled } = passTwo();
  expect(done).toEqual(["first", "second"]);
  expect(scheduled).toEqual([]);
});

test("in Bun the steps of all waiting calls are taken in one callback, in their order", () => {
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
  const pass = batchedSteps<string>(
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

test("in Bun a step that throws does not keep others from being taken", () => {
  vi.stubGlobal("Bun", {});
  const done: string[] = [];
  const scheduled: (() => void)[] = [];
  const pass = batchedSteps<string>(
    (callback) => scheduled.push(callback),
    (call) => {
      if (call === "faulty") throw new Error("step");
      done.push(call);
    },
  );
  for (const call of ["first", "faulty", "third"]) pass(call);
  expect(() => scheduled.shift()?.()).toThrow("step");
  pass("fourth");
  expect(scheduled).toHaveLength(1);
  scheduled.shift()?.();
  expect(done).toEqual(["first", "third", "fourth"]);
  expect(scheduled).toEqual([]);
});

test("in Bun a call that passes another on in its step does not lose it", () => {
  vi.stubGlobal("Bun", {});
  const done: string[] = [];
  const scheduled: (() => void)[] = [];
  const pass = batchedSteps<string>(
    (callback) => scheduled.push(callback),
    (call) => {
      if (call === "first") pass("second");
      done.push(call);
    },
  );
  pass("first");
  for (let run = scheduled.shift(); run !== undefined; run = scheduled.shift()) run();
  expect(done).toEqual(["first", "second"]);
});

test("in Bun more than sixteen calls take several callbacks", () => {
  vi.stubGlobal("Bun", {});
  const done: number[] = [];
  const scheduled: (() => void)[] = [];
  const pass = batchedSteps<number>(
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
