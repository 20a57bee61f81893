import { performance } from "node:perf_hooks";

/**
 * Where a cache reads the time. Injected, so that tests need not wait.
 *
 * A clock never goes back, and only differences between its readings mean
 * anything: TTLs are relative, and a jump of the wall clock must change nothing.
 */
export interface Clock {
  /** The current reading in milliseconds; may have a fraction. */
  now(): number;
  /** True while the clock stands still, so that waiting brings no deadline nearer. */
  readonly isFrozen?: boolean;
}

/** The process's monotonic clock. */
export const monotonicClock: Clock = { now: () => performance.now() };
