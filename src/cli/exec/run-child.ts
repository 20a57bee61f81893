import { onSignal } from "../../host/ignored-signals.js";
import { ExitStatus } from "../exit-status.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import { preparedCommand, type Preparation, type Words } from "./prepared-command.js";
import { startCommand, type StartedCommand } from "./start-command.js";
import { terminalSignalsGroup } from "./terminal-signals.js";

/** The exit codes of shells and `env` for a command that did not run. */
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

/** The signals that are forwarded to the command. */
const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** The signals that a terminal sends to every process in its foreground. */
const SENT_BY_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/** Options of {@link runChild}. */
export interface ChildOptions extends Preparation {
  readonly env: Readonly<Record<string, string>>;
  /** Called with the process id when the command runs. */
  readonly onStart: (pid: number) => void;
}

/**
 * Runs a command with the terminal and the inherited descriptors of this process. Forwards
 * signals to it, except those that are ignored.
 *
 * @returns the exit code; 128 plus the signal's number when a signal ended the command
 * @throws ExitStatus 127 when the command does not exist, 126 when it cannot be run
 */
export async function runChild(words: Words, options: ChildOptions): Promise<number> {
  let send: ((signal: NodeJS.Signals) => void) | undefined;
  // Signals that arrive before the command has started.
  const early: NodeJS.Signals[] = [];
  for (const signal of FORWARDED) {
    onSignal(signal, () => {
      // The terminal has sent it to the command too; many programs quit at once on a second one.
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
    // Another process may get the id.
    send = () => {};
  }
}

async function start(words: Words, options: ChildOptions): Promise<StartedCommand> {
  const [command] = words;
  // The message of a shell; runtimes have various errors for an empty name.
  if (command === "") throw new ExitStatus(EXIT_NOT_FOUND, "'': command not found");
  const [program, ...args] = preparedCommand(words, options.env, options);
  const stdio = standardAnd(inheritedDescriptors());
  try {
    return await startCommand({ program, args, env: options.env, stdio });
  } catch (error) {
    throw cannotRun(program, error as NodeJS.ErrnoException);
  }
}

/** A list with each of these descriptors, and the standard ones, at its own position. */
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
