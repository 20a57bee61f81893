import { closeSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";
import type { CommandStart, StartedCommand } from "./start-command.js";

/** The messages of the thread: `started` and then `ended`, or `failed`. */
type Report =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "failed"; readonly error: Pick<NodeJS.ErrnoException, "code" | "message"> }
  | {
      readonly kind: "ended";
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/**
 * The thread starts the command and blocks until the gate opens. Only then does its event loop
 * collect the command's exit status.
 */
const THREAD = `
  const { spawn } = require("node:child_process");
  const { parentPort, workerData } = require("node:worker_threads");
  const { program, args, env, stdio, cwd, gate } = workerData;
  const report = (message) => parentPort.postMessage(message);
  const fail = ({ code, message }) => report({ kind: "failed", error: { code, message } });
  try {
    const child = spawn(program, args, { env, stdio, cwd });
    child.once("error", fail);
    child.once("spawn", () => {
      report({ kind: "started", pid: child.pid });
      Atomics.wait(gate, 0, 0);
    });
    child.once("exit", (code, signal) => report({ kind: "ended", code, signal }));
  } catch (error) {
    fail(error);
  }`;

/**
 * {@link startCommand} for Node, which reports signals by name and has no names for real-time
 * signals. Linux shows the exit status of a zombie until its parent collects it. libuv collects it
 * before any listener of its thread runs, so another thread starts the command: it collects the
 * status after this thread has read it.
 */
export function startInThread(start: CommandStart): Promise<StartedCommand> {
  const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const openGate = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  // Other systems have no real-time signals.
  if (process.platform !== "linux") openGate();
  const { cwd, enterAgain } = leaveRemovedDirectory();
  // The thread must not run the preload scripts and flags of this process.
  const thread = new Worker(THREAD, {
    eval: true,
    env: {},
    execArgv: [],
    workerData: { ...start, cwd, gate },
  });
  let pid: number | undefined;
  let endedBy = 0;
  const readStatus = (): void => {
    const status = pid === undefined ? undefined : exitStatusOf(pid);
    if (status === undefined) return;
    endedBy = status & 0x7f;
    process.off("SIGCHLD", readStatus);
    openGate();
  };
  process.on("SIGCHLD", readStatus);

  return new Promise((resolve, reject) => {
    let end: (exitCode: number) => void;
    const exitCode = new Promise<number>((settle) => (end = settle));
    thread.once("error", reject);
    thread.once("message", enterAgain);
    thread.on("message", (report: Report) => {
      switch (report.kind) {
        case "started":
          pid = report.pid;
          resolve({ pid, exitCode });
          // The command may have ended already.
          readStatus();
          break;
        case "failed":
          reject(Object.assign(new Error(report.error.message), { code: report.error.code }));
          break;
        case "ended": {
          const signal = report.signal === null ? endedBy : constants.signals[report.signal];
          end(signal === 0 ? (report.code ?? 0) : 128 + signal);
        }
      }
    });
  });
}

/**
 * Leaves a working directory that was removed, since no thread starts in one. On other systems than
 * Linux the start then fails.
 *
 * @returns the path by which the command can be started in it; undefined for any other directory
 */
function leaveRemovedDirectory(): { cwd: string | undefined; enterAgain: () => void } {
  const stay = { cwd: undefined, enterAgain: () => {} };
  try {
    process.cwd();
    return stay;
  } catch {
    if (process.platform !== "linux") return stay;
    const directory = openSync(".", "r");
    const cwd = `/proc/self/fd/${directory}`;
    process.chdir("/");
    const enterAgain = (): void => {
      process.chdir(cwd);
      closeSync(directory);
    };
    return { cwd, enterAgain };
  }
}

/** The status that `waitpid` would return for a zombie; undefined for any other process. */
function exitStatusOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // Without /proc the status cannot be read, so the gate need not wait for it.
    return 0;
  }
  // The name is in brackets and may contain any character, also brackets and blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? Number(fields[49]) : undefined;
}
