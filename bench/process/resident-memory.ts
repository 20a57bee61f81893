import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** The interval of samples where the system does not record the peak, in milliseconds. */
const SAMPLE_MS = 50;

/** The memory that a process occupies now, in bytes. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS") ?? residentBytesFromPs(pid);
}

/**
 * Observes a process until the returned function is called, which returns the peak of its
 * resident memory in between, in bytes. Linux records the peak;
 * elsewhere it is sampled, and a peak between two samples is missed.
 */
export function watchPeakResident(pid: number): () => number {
  if (resetKernelPeak(pid)) {
    return () => statusBytes(pid, "VmHWM") ?? residentBytes(pid);
  }
  let peak = residentBytes(pid);
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, SAMPLE_MS);
  return () => {
    clearInterval(sampling);
    return Math.max(peak, residentBytes(pid));
  };
}

function resetKernelPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}

function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

function residentBytesFromPs(pid: number): number {
  const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(stdout.trim()) * 1024;
}
