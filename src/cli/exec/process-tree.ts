import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A running process. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** The start time in the system's format. Together with the id it identifies a process. */
  readonly started: string;
}

/** The time between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;
const POLL_MS = 25;

/** All processes of the machine that this user may see, by id. */
export function listProcesses(): ReadonlyMap<number, RunningProcess> {
  const processes = process.platform === "linux" ? fromProc() : fromPs();
  return new Map(processes.map((entry) => [entry.pid, entry]));
}

/**
 * Ends a process and its descendants: with SIGTERM, and with SIGKILL those that still run after
 * two seconds. Children whose parent has already ended are not found.
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

/** Adds a process and its descendants to `known`, if its id still belongs to it. */
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
      // It has ended meanwhile, or runs as another user.
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
    // The name is in brackets and may contain any character, also brackets and blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended.
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
