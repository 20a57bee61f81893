import { setTimeout as delay } from "node:timers/promises";
import { residentBytes, watchPeakResident } from "../process/resident-memory.js";

/** The resident memory of a process around its filling, in bytes. */
export interface ResidentGrowth {
  /** Before the filling. */
  readonly idle: number;
  /** The peak, during the filling and afterwards. */
  readonly peak: number;
  /** After an idle time. */
  readonly settled: number;
}

/** Measures the resident memory of a process before, during and after `fill`. */
export async function measureGrowth(
  pid: number,
  settleMs: number,
  fill: () => Promise<void>,
): Promise<ResidentGrowth> {
  await delay(settleMs);
  const idle = residentBytes(pid);
  const endWatch = watchPeakResident(pid);
  await fill();
  await delay(settleMs);
  return { idle, peak: endWatch(), settled: residentBytes(pid) };
}
