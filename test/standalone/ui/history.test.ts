import { expect, test } from "vitest";
import { History, type Figures } from "../../../src/standalone/ui/page/history.js";

const ZERO: Figures = {
  entries: 0n,
  bytes: 0n,
  maxBytes: 1000n,
  hits: 0n,
  misses: 0n,
  sets: 0n,
  overwrites: 0n,
  deletes: 0n,
  touches: 0n,
  expired: 0n,
  evicted: 0n,
  refused: 0n,
};

test("a point is the change since the reading before, per second", () => {
  const history = new History();
  history.add({ ...ZERO, hits: 100n, sets: 5n }, 10);
  expect(history.times).toEqual([]);
  history.add({ ...ZERO, hits: 106n, misses: 2n, sets: 9n, evicted: 1n, bytes: 50n }, 12);
  expect(history.times).toEqual([12]);
  expect(history.ratio).toEqual([0.75]);
  expect(history.reads).toEqual([4]);
  expect(history.writes).toEqual([2]);
  expect(history.removals).toEqual([0.5]);
  expect([history.bytes, history.maxBytes]).toEqual([[50], [1000]]);
});

test("a time without reads has no hit ratio", () => {
  const history = new History();
  history.add(ZERO, 1);
  history.add(ZERO, 2);
  expect(history.ratio).toEqual([null]);
});

test("figures that restart at zero after a reset have no negative rate", () => {
  const history = new History();
  history.add({ ...ZERO, sets: 100n }, 1);
  history.add({ ...ZERO, sets: 3n }, 2);
  expect(history.writes).toEqual([3]);
});

test("the oldest of more than 300 points is dropped", () => {
  const history = new History();
  for (let seconds = 0; seconds <= 301; seconds++) history.add(ZERO, seconds);
  expect([history.times.length, history.times[0], history.bytes.length]).toEqual([300, 2, 300]);
});
