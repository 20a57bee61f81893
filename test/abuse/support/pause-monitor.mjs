// Loaded into a server by `node --import`: notes every time for which its event loop
// was held, as a line `end length` in milliseconds in the file that PAUSE_FILE names.
//
// A process that waits for a processor seems to pause as well. So what counts of a
// late turn is no more than the processor time that this process has spent on it.
import { appendFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const file = process.env.PAUSE_FILE;
const INTERVAL_MS = 2;

/** Shorter ones are nobody's concern. */
const LEAST_MS = 5;

appendFileSync(file, `${Date.now()} 0\n`);
let lastMs = performance.now();
let lastCpu = process.cpuUsage();

setInterval(() => {
  const nowMs = performance.now();
  const { user, system } = process.cpuUsage(lastCpu);
  const heldMs = Math.min(nowMs - lastMs, (user + system) / 1000) - INTERVAL_MS;
  if (heldMs >= LEAST_MS) appendFileSync(file, `${Date.now()} ${heldMs}\n`);
  lastMs = performance.now();
  lastCpu = process.cpuUsage();
}, INTERVAL_MS).unref();
