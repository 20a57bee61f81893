import { performance } from "node:perf_hooks";
import type { Log, LogLevel } from "./log.js";

/** How often the same notice is repeated at most, in milliseconds. */
const EVERY_MS = 10_000;

/**
 * A notice that clients can cause as often as they like: logged when it happens,
 * and then at most every ten seconds, with how often it happened since.
 */
export function createThrottledLog(
  log: Log,
  level: LogLevel,
  now: () => number = () => performance.now(),
): (message: string) => void {
  let saidMs = -Infinity;
  let count = 0;
  return (message) => {
    count++;
    const nowMs = now();
    if (nowMs - saidMs < EVERY_MS) return;
    log.write(level, message, count === 1 ? {} : { times: count });
    saidMs = nowMs;
    count = 0;
  };
}
