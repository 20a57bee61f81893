import { performance } from "node:perf_hooks";

/** How long callbacks of timers and immediates held the event loop. */
export interface CallbackTimes {
  readonly longestMs: number;
  /** The most processor time in one: a machine with other work to do stretches the rest. */
  readonly longestCpuMs: number;
  readonly totalMs: number;
  readonly calls: number;
}

/**
 * Times every callback given to `setTimeout` and `setImmediate` from now on, in
 * this process. In a server that does nothing else, these are the sweeper's: the
 * timers of `node:http2` are internal and not seen.
 *
 * @returns reads the times and starts again from zero
 */
export function timeCallbacks(): () => CallbackTimes {
  let longestMs = 0;
  let longestCpuMs = 0;
  let totalMs = 0;
  let calls = 0;
  const timed = <Args extends unknown[]>(callback: (...args: Args) => void) => {
    return (...args: Args): void => {
      const cpuBefore = process.cpuUsage();
      const start = performance.now();
      callback(...args);
      const elapsedMs = performance.now() - start;
      const { user, system } = process.cpuUsage(cpuBefore);
      longestMs = Math.max(longestMs, elapsedMs);
      // Other threads of the process count as well, and work at the same time.
      longestCpuMs = Math.max(longestCpuMs, Math.min(elapsedMs, (user + system) / 1000));
      totalMs += elapsedMs;
      calls++;
    };
  };
  const { setTimeout: originalTimeout, setImmediate: originalImmediate } = globalThis;
  globalThis.setTimeout = Object.assign(
    (callback: () => void, ms?: number) => originalTimeout(timed(callback), ms),
    originalTimeout,
  );
  globalThis.setImmediate = Object.assign(
    (callback: () => void) => originalImmediate(timed(callback)),
    originalImmediate,
  );
  return () => {
    const times = { longestMs, longestCpuMs, totalMs, calls };
    longestMs = longestCpuMs = totalMs = calls = 0;
    return times;
  };
}
