import type { Clock } from "../contract/clock.js";

/** Where a manual clock starts: far from zero, which some caches take for "no time". */
const START_MS = 1_000_000;

/** A clock that changes only when it is advanced, so that a test of a TTL of years takes no time. */
export class ManualClock implements Clock {
  #nowMs = START_MS;
  #reads = 0;

  now(): number {
    this.#reads++;
    return this.#nowMs;
  }

  /** How often the clock was read; 0 for a provider that goes by another. */
  get reads(): number {
    return this.#reads;
  }

  /**
   * Moves forward.
   *
   * @throws RangeError for a negative or infinite step, since a clock never goes back, and for
   *   anything but a number
   */
  advance(ms: number): void {
    if (typeof ms !== "number" || !(ms >= 0 && ms < Infinity)) {
      throw new RangeError(`clock step must be a number >= 0 (got ${String(ms)} ms)`);
    }
    this.#nowMs += ms;
  }
}
