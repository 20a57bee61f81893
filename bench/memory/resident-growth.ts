import { setTimeout as delay } from "node:timers/promises";
import { residentBytes, watchPeakResident } from "../process/resident-memory.js";

/** What filling a process made of its resident memory, in bytes. */
export interface ResidentGrowth {
  /** Before, when it held nothing. */
  readonly idle: number;
  /** The most at any time, the filling itself included. */
  readonly peak: number;
  /** When it had been left alone for a while. */
  readonly settled: number;
}

/** Measures a process's resident memory around whatever `fill` does to it. */
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
