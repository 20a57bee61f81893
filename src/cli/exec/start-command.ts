import { startInBun } from "./start-in-bun.js";
import { startInThread } from "./start-in-thread.js";

/** A program to start, which is found on the PATH, with its arguments and environment. */
export interface CommandStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For each descriptor of the command: a descriptor of this process, or "ignore" for none. */
  readonly stdio: readonly (number | "ignore")[];
}

/** A running command. */
export interface StartedCommand {
  readonly pid: number;
  /** Its exit code, or 128 plus the number of the signal that ended it. */
  readonly exitCode: Promise<number>;
}

/**
 * Starts a command. `node:child_process` alone reports exit code 0 for a command that a real-time
 * signal ended, so each runtime has its own way.
 *
 * @throws Error with the system's code when the command cannot be started
 */
export async function startCommand(start: CommandStart): Promise<StartedCommand> {
  return "Bun" in globalThis ? startInBun(start) : startInThread(start);
}
