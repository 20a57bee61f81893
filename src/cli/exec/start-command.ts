import { startInBun } from "./start-in-bun.js";
import { startInThread } from "./start-in-thread.js";

/** What to start: a program, found on the PATH, and everything that it gets. */
export interface CommandStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** By descriptor of the command: one of this process, or "ignore" for none. */
  readonly stdio: readonly (number | "ignore")[];
}

/** A command that runs. */
export interface StartedCommand {
  readonly pid: number;
  /** Its exit code, or 128 and the number of the signal that ended it. */
  readonly exitCode: Promise<number>;
}

/**
 * Starts a command. Not with `node:child_process` alone, which reports a command that a
 * real-time signal ended as one that exited with 0.
 *
 * @throws Error with the system's code when the command cannot be started
 */
export async function startCommand(start: CommandStart): Promise<StartedCommand> {
  return "Bun" in globalThis ? startInBun(start) : startInThread(start);
}
