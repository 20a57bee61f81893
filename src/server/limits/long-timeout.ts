import type { Timers } from "../../contract/timers.js";

/** The longest delay of a Node timer; a longer one fires after a millisecond. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that can wait for longer than Node's own. */
export interface LongTimeout {
  readonly cancel: () => void;
}

/**
 * Calls `expire` once, `delayMs` from now; never keeps the process alive.
 *
 * @param timers - what waits; by default the global timers, which a test may replace
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
