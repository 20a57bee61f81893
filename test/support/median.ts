import { expect } from "vitest";
import { isFullScale } from "../abuse/support/scale.js";
import { isFullSize } from "./sample.js";

/** The middle one of some figures, the upper one of two. */
export function medianOf(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** How many attempts a median is taken of. */
const ATTEMPTS = 3;

/**
 * Checks that the median of three attempts stays below a bound. Other work on the machine
 * may spoil one attempt; a program that is too slow spoils all. The third attempt is made
 * only when the first two disagree, as it cannot change the median otherwise.
 *
 * In `npm test` a first attempt below half of the bound is enough: other work only adds to a
 * figure, so what it leaves that small is small by itself.
 */
export async function expectMedianBelow(
  bound: number,
  attempt: () => Promise<number>,
): Promise<void> {
  const figures: number[] = [];
  const isDecided = (): boolean => {
    const [first = Infinity] = figures;
    if (!isFullSize && !isFullScale && first < bound / 2) return true;
    const below = figures.filter((figure) => figure < bound).length;
    return Math.max(below, figures.length - below) > ATTEMPTS / 2;
  };
  while (!isDecided()) figures.push(await attempt());
  expect(medianOf(figures), `below ${bound}: ${figures.join(", ")}`).toBeLessThan(bound);
}
