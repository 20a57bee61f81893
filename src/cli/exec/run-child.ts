import { onSignal } from "../../host/ignored-signals.js";
import { ExitStatus } from "../exit-status.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import { preparedCommand, type Preparation, type Words } from "./prepared-command.js";
import { startCommand, type StartedCommand } from "./start-command.js";
import { terminalSignalsGroup } from "./terminal-signals.js";

/** Exit codes for a command that did not run, as shells and `env` have them. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** What is passed on to the command; it decides what to do about it. */
const PASSED_ON = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Those of them that a terminal sends to every process in its foreground. */
const SENT_BY_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** How {@link runChild} runs a command. */
export interface ChildOptions extends Preparation {
  readonly env: Readonly<Record<string, string>>;
  /** Called with the process id once the command runs. */
  readonly onStart: (pid: number) => void;
}

/**
 * Runs a command in this process's terminal and with its open descriptors, and passes
 * signals on to it, except those that are ignored.
 *
 * @returns its exit code; 128 and the signal's number when a signal ended it
 * @throws ExitStatus 127 when there is no such command, 126 when it cannot be run
 */
export async function runChild(words: Words, options: ChildOptions): Promise<number> {
  let send: ((signal: NodeJS.Signals) => void) | undefined;
  // Signals may come before there is a process to pass them on to.
  const early: NodeJS.Signals[] = [];
  for (const signal of PASSED_ON) {
    onSignal(signal, () => {
      // Ctrl-C has reached the command already; twice would mean "do not wait".
      if (SENT_BY_TERMINAL.has(signal) && terminalSignalsGroup()) return;
      if (send === undefined) early.push(signal);
      else send(signal);
    });
  }
  const { pid, exitCode } = await start(words, options);
  options.onStart(pid);
  send = (signal) => sendSignal(pid, signal);
  early.forEach(send);
  try {
    return await exitCode;
  } finally {
    // The id may soon be that of another process.
    send = () => {};
  }
}

async function start(words: Words, options: ChildOptions): Promise<StartedCommand> {
  const [command] = words;
  // What `execvp` would say; runtimes refuse an empty name in their own ways.
  if (command === "") throw new ExitStatus(EXIT_NOT_FOUND, "'': command not found");
  const [program, ...args] = preparedCommand(words, options.env, options);
  const stdio = standardAnd(inheritedDescriptors());
  try {
    return await startCommand({ program, args, env: options.env, stdio });
  } catch (error) {
    throw cannotRun(program, error as NodeJS.ErrnoException);
  }
}

/** A list in which each of these descriptors is at its own position. */
function standardAnd(descriptors: readonly number[]): (number | "ignore")[] {
  const length = (descriptors.at(-1) ?? 2) + 1;
  const passed = new Set([0, 1, 2, ...descriptors]);
  return Array.from({ length }, (_, number) => (passed.has(number) ? number : "ignore"));
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or runs as another user.
  }
}

function cannotRun(command: string, error: NodeJS.ErrnoException): ExitStatus {
  const cause = { cause: error };
  if (error.code === "ENOENT") {
    return new ExitStatus(EXIT_NOT_FOUND, `${command}: command not found`, cause);
  }
  const reason = error.code === "EACCES" ? "no permission to run it" : error.message;
  return new ExitStatus(EXIT_NOT_EXECUTABLE, `${command}: ${reason}`, cause);
}
