import { monotonicClock, type Clock } from "../../contract/clock.js";
import { CacheError, quoteKey } from "../../contract/cache-error.js";
import { describeType } from "../../contract/describe-type.js";
import { MAX_TTL_MS } from "../../contract/ttl.js";

/** The initial mode of a clock: `real` runs with real time, `manual` is frozen until it is advanced. */
export type ClockMode = "real" | "manual";

const MODES: readonly unknown[] = ["real", "manual"] satisfies ClockMode[];

/** The state of an {@link AdjustableClock}. Times are in milliseconds. */
export interface ClockState {
  /** True when only `advance` moves the clock. */
  readonly isFrozen: boolean;
  /** The time since the clock was made or reset. */
  readonly elapsedMs: number;
  /** The part of `elapsedMs` by which `advance` moved the clock. */
  readonly advancedMs: number;
}

/**
 * A clock that tests move. It runs like the clock below it until it is frozen, and jumps when
 * it is advanced. It never goes back.
 */
export class AdjustableClock implements Clock {
  readonly #mode: ClockMode;
  readonly #base: Clock;
  #isFrozen = false;
  /**
   * The reading when the clock was last moved, frozen or resumed, and that of the clock below at
   * that time. An offset between the two would be rounded, and the clock go back by a trifle.
   */
  #movedMs: number;
  #baseMs: number;
  #startMs = 0;
  #advancedMs = 0;

  /**
   * @param mode - `manual` for a clock that is frozen from the beginning
   * @param base - the clock below
   * @throws CacheError `invalid_argument` for any other mode
   */
  constructor(mode: ClockMode = "real", base: Clock = monotonicClock) {
    if (!MODES.includes(mode)) {
      throw new CacheError(
        "invalid_argument",
        `clock must be real or manual (got ${typeof mode === "string" ? quoteKey(mode) : describeType(mode)})`,
      );
    }
    this.#mode = mode;
    this.#base = base;
    this.#baseMs = this.#movedMs = base.now();
    this.reset();
  }

  now(): number {
    return this.#isFrozen ? this.#movedMs : this.#movedMs + (this.#base.now() - this.#baseMs);
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  get state(): ClockState {
    return {
      isFrozen: this.#isFrozen,
      elapsedMs: this.now() - this.#startMs,
      advancedMs: this.#advancedMs,
    };
  }

  /**
   * Moves the clock forward, frozen or not.
   *
   * @throws CacheError `invalid_argument` for a step that is negative, longer than 10,000
   *   years or no number, and for one that ends 10,000 years from the start or the last reset
   */
  advance(ms: number): void {
    if (typeof ms !== "number" || !(ms >= 0 && ms <= MAX_TTL_MS)) {
      throw new CacheError(
        "invalid_argument",
        `a clock advances by 0 to ${MAX_TTL_MS} ms (got ${String(ms)} ms); it never goes back`,
      );
    }
    if (this.state.elapsedMs + ms > MAX_TTL_MS) {
      throw new CacheError(
        "invalid_argument",
        `the clock cannot pass ${MAX_TTL_MS} ms, about 10,000 years, in total; reset it first`,
      );
    }
    this.#advancedMs += ms;
    this.#moveTo(this.now() + ms);
  }

  /**
   * Stops the clock. It stops at the next whole millisecond, so that the TTLs which are left
   * to entries written from now on are exact.
   */
  freeze(): void {
    if (this.#isFrozen) return;
    this.#moveTo(Math.ceil(this.now()));
    this.#isFrozen = true;
  }

  /** Lets the clock run again from where it was frozen. */
  resume(): void {
    if (!this.#isFrozen) return;
    this.#moveTo(this.#movedMs);
    this.#isFrozen = false;
  }

  /** Starts anew: runs or is frozen as at the beginning, with nothing elapsed. */
  reset(): void {
    if (this.#mode === "manual") this.freeze();
    else this.resume();
    this.#startMs = this.now();
    this.#advancedMs = 0;
  }

  #moveTo(reading: number): void {
    this.#movedMs = reading;
    this.#baseMs = this.#base.now();
  }
}
