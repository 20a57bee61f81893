import { performance } from "node:perf_hooks";
import type { Clock } from "../contract/clock.js";
import type { Timers } from "../contract/timers.js";
import type { CacheStore } from "./cache-store.js";

/** The longest delay of a timer; with a longer one it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The shortest time between two sweeps, so that one sweep serves many deadlines. */
const MIN_INTERVAL_MS = 10;

/** How long a sweep occupies the event loop before it yields for a millisecond. */
const SLICE_MS = 1;

/** The length of a slice when the sweep is late, as on a slow processor or after a mass expiry. */
const LATE_SLICE_MS = 2;

/** The sweep is late when an entry expired this long ago and is still stored. */
const LATE_MS = 100;

/**
 * How many entries are removed between two readings of the time. Code that the runtime has not
 * optimized yet takes 50 microseconds for one entry.
 */
const STEP_ENTRIES = 8;

/**
 * Removes entries soon after they expire. One timer is set for the next deadline; it removes
 * entries in short slices, so that other work continues. The store treats an expired entry as
 * absent even before it is removed.
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

  /** @param timers - default: the global timers, which a test may replace */
  constructor(clock: Clock, timers: Timers = globalThis) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /**
   * Sweeps this store from now on, and no longer the previous one. Call it with the same store
   * after the clock has jumped, was frozen, or runs again.
   */
  watch(store: CacheStore): void {
    this.stop();
    this.#store = store;
    this.reschedule();
  }

  /** Sets the timer again if the next deadline is now earlier. Call it after every write. */
  reschedule(): void {
    const deadline = this.#store?.nextDeadline ?? Infinity;
    if (deadline < this.#armedFor) this.#arm(deadline);
  }

  /** Stops sweeping. Does nothing when it is already stopped. */
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
      // Not setImmediate: in an idle process an unreferenced one waits for the next event.
      this.#timer = this.#timers.setTimeout(() => this.#sweep(store), 0).unref();
    } else if (store.nextDeadline < Infinity) {
      this.#arm(store.nextDeadline);
    } else {
      this.#armedFor = Infinity;
    }
  }
}
