import { performance } from "node:perf_hooks";
import type { Log, LogLevel } from "./log.js";

/** The shortest time between two entries, in milliseconds. */
const MIN_INTERVAL_MS = 10_000;

/**
 * Returns a function that logs events which clients can cause at any rate. It writes the first
 * event, and then at most one entry in ten seconds, with the number of events since the last.
 */
export function createThrottledLog(
  log: Log,
  level: LogLevel,
  now: () => number = () => performance.now(),
): (message: string) => void {
  let loggedMs = -Infinity;
  let count = 0;
  return (message) => {
    count++;
    const nowMs = now();
    if (nowMs - loggedMs < MIN_INTERVAL_MS) return;
    log.write(level, message, count === 1 ? {} : { times: count });
    loggedMs = nowMs;
    count = 0;
  };
}
