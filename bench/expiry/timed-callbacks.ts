import { syncBuiltinESMExports } from "node:module";
import { performance } from "node:perf_hooks";
import timers from "node:timers";

/** How long callbacks of timers and immediates held the event loop. */
export interface CallbackTimes {
  readonly longestMs: number;
  /** The most processor time in one: a machine with other work to do stretches the rest. */
  readonly longestCpuMs: number;
  readonly totalMs: number;
  readonly calls: number;
}

let longestMs = 0;
let longestCpuMs = 0;
let totalMs = 0;
let calls = 0;

/** Returns what was measured since the last call, and starts again from zero. */
export function readCallbackTimes(): CallbackTimes {
  const times = { longestMs, longestCpuMs, totalMs, calls };
  longestMs = longestCpuMs = totalMs = calls = 0;
  return times;
}

/*
 * Importing this module replaces `setTimeout` and `setImmediate` of `node:timers` by ones that
 * time their callbacks. In a server that does nothing else, these are the sweeper's: the
 * timers of `node:http2` are internal. A module that has imported them before keeps the originals.
 */
const { setTimeout, setImmediate } = timers;
timers.setTimeout = Object.assign(
  (callback: () => void, ms?: number) => setTimeout(timed(callback), ms),
  setTimeout,
);
timers.setImmediate = Object.assign(
  (callback: () => void) => setImmediate(timed(callback)),
  setImmediate,
);
syncBuiltinESMExports();

function timed<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
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
}
