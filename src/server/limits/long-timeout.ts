import type { Timers } from "../../contract/timers.js";

/** The longest delay of a Node timer. A timer with a longer delay fires after a millisecond. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Returns a delay that a timer can take: the longest one for a longer time, Infinity included. */
export function timerDelayMs(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS);
}

/** A timer without a longest delay. */
export interface LongTimeout {
  readonly cancel: () => void;
}

/**
 * Calls `expire` once, after `delayMs` milliseconds. It does not keep the process alive.
 *
 * @param timers - default: the global timers, which a test may replace
 */
export function startLongTimeout(
  delayMs: number,
  expire: () => void,
  timers: Timers = globalThis,
): LongTimeout {
  let remainingMs = delayMs;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const stepMs = Math.min(remainingMs, MAX_TIMER_MS);
    remainingMs -= stepMs;
    timer = timers.setTimeout(remainingMs > 0 ? arm : expire, stepMs);
    timer.unref();
  };
  arm();
  return { cancel: () => timers.clearTimeout(timer) };
}
