import { expect, test } from "vitest";
import {
  CallRecord,
  recordedKeys,
  type RecordedCall,
} from "../../../src/standalone/control/call-record.js";
import { watchCalls } from "../../../src/standalone/control/watch-calls.js";

function call(key: string): RecordedCall {
  return {
    timeMs: 0,
    method: "get",
    keys: [key],
    keyCount: 1,
    hits: 1,
    misses: 0,
    bytes: 1,
    status: "ok",
    durationMs: 0.1,
    faultId: 0,
  };
}

const keysOf = (calls: readonly RecordedCall[]): string[] => calls.flatMap(({ keys }) => keys);

test("the last 1,000 calls are kept, the oldest first", () => {
  const record = new CallRecord(true);
  for (let index = 0; index < 2_500; index++) record.add(call(String(index)));
  expect(keysOf(record.list())).toEqual(Array.from({ length: 1_000 }, (_, i) => String(1_500 + i)));
  expect(record.dropped).toBe(1_500);
  record.clear();
  expect(record.list()).toEqual([]);
  record.add(call("next"));
  expect(keysOf(record.list())).toEqual(["next"]);
  expect(record.dropped).toBe(0);
});

test("a record that keeps nothing passes calls to its watchers", () => {
  const record = new CallRecord(false);
  expect(record.isIdle).toBe(true);
  const seen: string[] = [];
  const stop = record.watch(({ keys }) => seen.push(...keys));
  expect(record.isIdle).toBe(false);
  record.add(call("a"));
  stop();
  record.add(call("b"));
  expect(seen).toEqual(["a"]);
  expect(record.list()).toEqual([]);
  expect(record.isIdle).toBe(true);
});

test("a record keeps the first 100 keys of a call, and 256 characters of each", () => {
  const keys = Array.from({ length: 150 }, (_, index) => String(index));
  expect(recordedKeys(keys)).toEqual(keys.slice(0, 100));
  const long = "x".repeat(255);
  expect(recordedKeys([`${long}x`, `${long}xy`, `${long}🎉`, "short"])).toEqual([
    `${long}x`,
    `${long}x…`,
    `${long}…`,
    "short",
  ]);
});

test("a watch begins with a record without a call, and misses none from then on", async () => {
  const record = new CallRecord(false);
  const ended = new AbortController();
  const watched = watchCalls(record, [ended.signal]);
  expect(await watched.next()).toEqual({ done: false, value: { call: undefined, dropped: 0 } });
  for (const key of ["a", "b", "c"]) record.add(call(key));
  for (const key of ["a", "b", "c"]) {
    expect(await watched.next()).toEqual({ done: false, value: { call: call(key), dropped: 0 } });
  }
  const last = watched.next();
  ended.abort();
  expect((await last).done).toBe(true);
  expect(record.isIdle).toBe(true);
});

test("a watch that is not read is bounded, and says how many calls it left out", async () => {
  const record = new CallRecord(false);
  const ended = new AbortController();
  const watched = watchCalls(record, [ended.signal]);
  await watched.next();
  for (let index = 0; index < 10_100; index++) record.add(call(String(index)));
  let read = 0;
  for (; read < 10_000; read++) await watched.next();
  record.add(call("late"));
  expect(await watched.next()).toEqual({
    done: false,
    value: { call: call("late"), dropped: 100 },
  });
  await watched.return(undefined);
  expect(record.isIdle).toBe(true);
});

test("a watch whose reader has left keeps nothing", async () => {
  const record = new CallRecord(false);
  const ended = new AbortController();
  await watchCalls(record, [ended.signal]).next();
  expect(record.isIdle).toBe(false);
  ended.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(record.isIdle).toBe(true);
});
