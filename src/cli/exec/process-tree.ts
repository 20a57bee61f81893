import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process that runs now. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** When it started, in the system's own words: with the id it tells processes apart. */
  readonly started: string;
}

/** How long processes may take to end after SIGTERM, before SIGKILL. */
const GRACE_MS = 2_000;
const POLL_MS = 25;

/** All processes of the machine, as far as this user may see them, by their id. */
export function listProcesses(): ReadonlyMap<number, RunningProcess> {
  const processes = process.platform === "linux" ? fromProc() : fromPs();
  return new Map(processes.map((entry) => [entry.pid, entry]));
}

/**
 * Ends a process and everything that it started: SIGTERM, and SIGKILL for what is
 * still there after two seconds. Children of a parent that has ended belong to
 * nobody and are not found.
 */
export async function terminateTree(root: RunningProcess): Promise<void> {
  const known = new Map<number, RunningProcess>();
  addTree(root, known);
  signalAll(known, "SIGTERM");
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += POLL_MS) {
    if (livingOf(known).length === 0) return;
    await delay(POLL_MS);
  }
  for (const living of livingOf(known)) addTree(living, known);
  signalAll(known, "SIGKILL");
}

/** Adds a process and its descendants to `known`, if it is the one that it was. */
function addTree(root: RunningProcess, known: Map<number, RunningProcess>): void {
  const processes = listProcesses();
  if (processes.get(root.pid)?.started !== root.started) return;
  known.set(root.pid, root);
  let added: number;
  do {
    added = 0;
    for (const entry of processes.values()) {
      if (known.has(entry.pid) || !known.has(entry.parent)) continue;
      known.set(entry.pid, entry);
      added++;
    }
  } while (added > 0);
}

function livingOf(known: ReadonlyMap<number, RunningProcess>): RunningProcess[] {
  const processes = listProcesses();
  return [...known.values()].filter(({ pid, started }) => processes.get(pid)?.started === started);
}

function signalAll(known: ReadonlyMap<number, RunningProcess>, signal: NodeJS.Signals): void {
  for (const { pid } of livingOf(known)) {
    try {
      process.kill(pid, signal);
    } catch {
      // Ended meanwhile, or runs as another user.
    }
  }
}

function fromProc(): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, "latin1");
    } catch {
      continue;
    }
    // The name stands in brackets and may hold anything, brackets and blanks included.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // One that has ended and waits to be collected counts as gone.
    if (fields[0] === "Z") continue;
    found.push({ pid: Number(name), parent: Number(fields[1]), started: fields[19] ?? "" });
  }
  return found;
}

function fromPs(): RunningProcess[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,lstart="], { encoding: "utf8" });
  const lines = table.matchAll(/^\s*(\d+)\s+(\d+)\s+(.+)$/gm);
  return Array.from(lines, ([, pid, parent, started = ""]) => ({
    pid: Number(pid),
    parent: Number(parent),
    started: started.trim(),
  }));
}
