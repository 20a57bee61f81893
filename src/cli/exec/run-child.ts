import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ExitStatus } from "../exit-status.js";
import { terminalSignalsGroup } from "./terminal-signals.js";

/** Exit codes for a command that did not run, as shells and `env` have them. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** What is passed on to the command; it decides what to do about it. */
const PASSED_ON = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Those of them that a terminal sends to every process in its foreground. */
const SENT_BY_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/**
 * Runs a command in this process's terminal, input and output included, and
 * passes signals on to it.
 *
 * @param onStart - called with the process id once it runs
 * @returns its exit code; 128 and the signal's number when a signal ended it
 * @throws ExitStatus 127 when there is no such command, 126 when it cannot be run
 */
export function runChild(
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  onStart: (pid: number) => void,
): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit", env });
  for (const signal of PASSED_ON) {
    process.on(signal, () => {
      // Ctrl-C has reached the command already; twice would mean "do not wait".
      if (SENT_BY_TERMINAL.has(signal) && terminalSignalsGroup()) return;
      child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("spawn", () => {
      if (child.pid !== undefined) onStart(child.pid);
    });
    child.once("error", (error) => reject(cannotRun(command, error)));
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
    });
  });
}

function cannotRun(command: string, error: NodeJS.ErrnoException): ExitStatus {
  const cause = { cause: error };
  if (error.code === "ENOENT") {
    return new ExitStatus(EXIT_NOT_FOUND, `${command}: command not found`, cause);
  }
  const reason = error.code === "EACCES" ? "no permission to run it" : error.message;
  return new ExitStatus(EXIT_NOT_EXECUTABLE, `${command}: ${reason}`, cause);
}
