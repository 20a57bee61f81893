import { performance } from "node:perf_hooks";
import type { Clock } from "../contract/clock.js";
import type { Timers } from "../contract/timers.js";
import type { CacheStore } from "./cache-store.js";

/** The longest delay that a timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The shortest time between two sweeps: many deadlines are served by one waking. */
const MIN_INTERVAL_MS = 10;

/** How long a sweep holds the event loop before it lets others go first, for a millisecond. */
const SLICE_MS = 1;

/** The same when it cannot keep up: on half a processor, or when very much expires at once. */
const LATE_SLICE_MS = 2;

/** When an entry that expired as long ago is still there, the sweep is late. */
const LATE_MS = 100;

/**
 * How many entries are reclaimed between two looks at the time. Code that the runtime
 * has not optimized yet takes 50 microseconds for one.
 */
const STEP_ENTRIES = 8;

/**
 * Reclaims entries when they have expired, without being asked for: one timer,
 * set for the next deadline, and slices short enough that nobody notices. What
 * it has not reached yet is no less expired; reads and writes see to that.
 *
 * The timer does not keep the process alive.
 */
export class ExpirySweeper {
  readonly #clock: Clock;
  readonly #timers: Timers;
  #store: CacheStore | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The deadline that the timer is set for; -Infinity during a sweep. */
  #armedFor = Infinity;

  /** @param timers - what waits; by default the global timers, which a test may replace */
  constructor(clock: Clock, timers: Timers = globalThis) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /**
   * Sweeps this store from now on, instead of the one before. To be called with the same
   * store after the clock has jumped, was frozen or runs again.
   */
  watch(store: CacheStore): void {
    this.stop();
    this.#store = store;
    this.noteDeadline();
  }

  /** To be called after a write, which may have brought the next deadline nearer. */
  noteDeadline(): void {
    const deadline = this.#store?.nextDeadline ?? Infinity;
    if (deadline < this.#armedFor) this.#arm(deadline);
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#store = undefined;
    this.#armedFor = Infinity;
  }

  #arm(deadline: number): void {
    this.#timers.clearTimeout(this.#timer);
    if (this.#clock.isFrozen) {
      this.#armedFor = Infinity;
      return;
    }
    this.#armedFor = deadline;
    const delay = Math.max(MIN_INTERVAL_MS, Math.ceil(deadline - this.#clock.now()));
    this.#timer = this.#timers
      .setTimeout(() => this.#sweep(this.#store), Math.min(delay, MAX_TIMER_MS))
      .unref();
  }

  #sweep(store: CacheStore | undefined): void {
    if (store === undefined || store !== this.#store) return;
    this.#armedFor = -Infinity;
    const isLate = store.nextDeadline < this.#clock.now() - LATE_MS;
    const end = performance.now() + (isLate ? LATE_SLICE_MS : SLICE_MS);
    let done = store.reclaimExpired(STEP_ENTRIES);
    while (!done && performance.now() < end) done = store.reclaimExpired(STEP_ENTRIES);
    if (!done) {
      // Not setImmediate: one that keeps nothing alive waits for the next event of an idle process.
      this.#timer = this.#timers.setTimeout(() => this.#sweep(store), 0).unref();
    } else if (store.nextDeadline < Infinity) {
      this.#arm(store.nextDeadline);
    } else {
      this.#armedFor = Infinity;
    }
  }
}
