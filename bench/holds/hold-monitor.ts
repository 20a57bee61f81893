import { setImmediate as nextTurn } from "node:timers/promises";
import { performance } from "node:perf_hooks";

/**
 * The longest turn of the event loop, in milliseconds, while `step` is called once a turn until
 * it returns false. A turn counts with everything that runs in it: the step itself, timers,
 * garbage collection.
 *
 * A process that waits for a processor seems to be blocked too. So a turn counts for no more
 * than the processor time that the process used in it.
 */
export async function longestHoldMs(step: () => boolean): Promise<number> {
  let longestMs = 0;
  for (let goesOn = true; goesOn;) {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    goesOn = step();
    await nextTurn();
    const { user, system } = process.cpuUsage(startCpu);
    const heldMs = Math.min(performance.now() - startMs, (user + system) / 1000);
    longestMs = Math.max(longestMs, heldMs);
  }
  return longestMs;
}

/** Like the above, until a promise settles. */
export async function longestHoldDuringMs(happening: () => Promise<void>): Promise<number> {
  let isSettled = false;
  const [longestMs] = await Promise.all([
    longestHoldMs(() => !isSettled),
    happening().finally(() => (isSettled = true)),
  ]);
  return longestMs;
}
