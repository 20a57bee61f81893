import { describe, expect, test } from "vitest";
import { median, percentile } from "../../bench/figures/percentiles.js";
import { createRandom } from "../../bench/figures/random.js";
import { measureInRounds, RoundRecorder } from "../../bench/figures/rounds.js";

describe("percentile", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
  ])("percentile of 1 to 100 at %d is %d", (quantile, expected) => {
    expect(percentile(hundred, quantile)).toBe(expected);
  });

  test("percentile of no values is NaN", () => {
    expect(percentile(new Float64Array(), 0.5)).toBeNaN();
  });
});

test("median is the middle value, or the mean of the two middle ones", () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([9, 1, 4, 6])).toBe(5);
  expect(median([])).toBeNaN();
});

test("measureInRounds rotates the order of the contestants", async () => {
  const order: string[] = [];
  await measureInRounds(["a", "b", "c"], 3, async (name, round) => {
    await Promise.resolve();
    order.push(`${name}${round}`);
  });
  expect(order.join(" ")).toBe("a0 b0 c0 b1 c1 a1 c2 a2 b2");
});

test("a ratio is the median of the ratios of the rounds", () => {
  const recorder = new RoundRecorder();
  // After the first round the machine, and so both contestants, are ten times slower.
  for (const value of [200, 20, 30]) recorder.record("fast", value);
  for (const value of [100, 10, 10]) recorder.record("slow", value);
  expect(recorder.ratio("fast", "slow")).toBe(2);
  expect(recorder.ratio("fast", "absent")).toBeNaN();
  expect(recorder.median("fast")).toBe(30);
});

test("createRandom repeats its numbers only for the same seed", () => {
  const take = (seed: number): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 1_000 }, random);
  };
  expect(take(1)).toEqual(take(1));
  expect(take(1)).not.toEqual(take(2));
  const mean = take(3).reduce((sum, value) => sum + value, 0) / 1_000;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});
