import { performance } from "node:perf_hooks";

/**
 * The clock of a cache. It is injected, so that tests need not wait.
 *
 * Its readings never decrease, and only differences between them have a meaning: TTLs are
 * relative, and a change of the wall clock must not affect them.
 */
export interface Clock {
  /** The current reading in milliseconds; may have a fraction. */
  now(): number;
  /** True while the clock is frozen: its reading changes only when it is advanced. */
  readonly isFrozen?: boolean;
}

/** The process's monotonic clock. */
export const monotonicClock: Clock = { now: () => performance.now() };
