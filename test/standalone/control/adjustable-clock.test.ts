import { expect, test } from "vitest";
import { AdjustableClock } from "../../../src/standalone/control/adjustable-clock.js";
import { FakeClock } from "../../support/fake-clock.js";

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

test("a real clock runs like the clock below it, and jumps when it is advanced", () => {
  const base = new FakeClock(10.25);
  const clock = new AdjustableClock("real", base);
  expect(clock.now()).toBe(10.25);
  base.advance(5);
  clock.advance(1_000);
  base.advance(5);
  expect(clock.now()).toBe(1_020.25);
  expect(clock.state).toEqual({ isFrozen: false, elapsedMs: 1_010, advancedMs: 1_000 });
});

test("a frozen clock stands at the next whole millisecond until it is advanced", () => {
  const base = new FakeClock(10.25);
  const clock = new AdjustableClock("real", base);
  clock.freeze();
  base.advance(1_000_000);
  clock.freeze();
  expect(clock.now()).toBe(11);
  clock.advance(YEAR_MS);
  expect(clock.now()).toBe(11 + YEAR_MS);
  expect(clock.isFrozen).toBe(true);
});

test("a resumed clock goes on from where it stopped, with what was advanced meanwhile", () => {
  const base = new FakeClock(100);
  const clock = new AdjustableClock("real", base);
  clock.freeze();
  base.advance(50);
  clock.advance(7);
  clock.resume();
  clock.resume();
  expect(clock.now()).toBe(107);
  base.advance(3);
  expect(clock.now()).toBe(110);
});

test("a clock never goes back", () => {
  const base = new FakeClock(0.5);
  const clock = new AdjustableClock("real", base);
  const acts = [
    () => clock.freeze(),
    () => clock.resume(),
    () => clock.advance(0.1),
    () => clock.reset(),
    () => base.advance(0.3),
  ];
  let last = clock.now();
  for (let step = 0; step < 5_000; step++) {
    acts[(step * 7 + (step >> 3)) % acts.length]?.();
    expect(clock.now()).toBeGreaterThanOrEqual(last);
    last = clock.now();
  }
});

test.each([-1, -0.001, NaN, Infinity, 315_576_000_000_001, "5" as never])(
  "a step of %s is refused, and the clock keeps its time",
  (ms) => {
    const clock = new AdjustableClock("manual", new FakeClock(7));
    expect(() => clock.advance(ms)).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: expect.stringContaining(`(got ${ms} ms); it never goes back`) as string,
      }),
    );
    expect(clock.state).toEqual({ isFrozen: true, elapsedMs: 0, advancedMs: 0 });
  },
);

test("a clock advances by 10,000 years in total, and again after a reset", () => {
  const clock = new AdjustableClock("manual", new FakeClock(0));
  for (let step = 0; step < 10; step++) clock.advance(31_557_600_000_000);
  expect(() => clock.advance(1)).toThrow("the clock cannot pass");
  expect(clock.state.elapsedMs).toBe(315_576_000_000_000);
  clock.reset();
  clock.advance(315_576_000_000_000);
});

test("a reset starts at zero, in the mode of the beginning", () => {
  const base = new FakeClock(3.5);
  const real = new AdjustableClock("real", base);
  real.freeze();
  real.advance(100);
  real.reset();
  expect(real.state).toEqual({ isFrozen: false, elapsedMs: 0, advancedMs: 0 });
  const manual = new AdjustableClock("manual", base);
  manual.resume();
  base.advance(10);
  manual.reset();
  expect(manual.state).toEqual({ isFrozen: true, elapsedMs: 0, advancedMs: 0 });
});
