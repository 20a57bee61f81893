import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, on every architecture that Node runs on. */
const US_PER_TICK = 10_000;

/** The time that a process has spent on cores so far, in microseconds. */
export function cpuTimeUs(pid: number): number {
  return cpuTimeFromProc(pid) ?? cpuTimeFromPs(pid);
}

function cpuTimeFromProc(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, which may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
  } catch {
    return undefined;
  }
}

function cpuTimeFromPs(pid: number): number {
  const { stdout } = spawnSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.split(":").reduce((total, part) => total * 60 + Number(part), 0) * 1e6;
}
