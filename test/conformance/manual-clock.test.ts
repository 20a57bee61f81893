import { expect, test } from "vitest";
import { ManualClock } from "../../src/conformance/manual-clock.js";

test("advance moves the clock forward", () => {
  const clock = new ManualClock();
  const before = clock.now();
  clock.advance(1.5);
  clock.advance(0);
  expect(clock.now() - before).toBe(1.5);
});

test.each([-1, NaN, Infinity, "5", null, undefined, 5n])("advance refuses %o", (ms) => {
  const clock = new ManualClock();
  const before = clock.now();
  expect(() => clock.advance(ms as never)).toThrow(RangeError);
  expect(clock.now()).toBe(before);
});
