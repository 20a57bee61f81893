import { constants } from "node:os";
import { PROGRAM_NAME } from "../program-name.js";
import type { CommandStart, StartedCommand } from "./start-command.js";

/** The part of Bun's API that starts processes. */
interface BunProcesses {
  spawn(
    command: readonly string[],
    options: {
      readonly env: Readonly<Record<string, string>>;
      readonly stdio: readonly (number | null)[];
      readonly onExit: (
        process: unknown,
        exitCode: number | null,
        signal: NodeJS.Signals | number | null,
      ) => void;
    },
  ): { readonly pid: number };
}

/** {@link startCommand} for Bun, which reports the number of a signal without a name. */
export function startInBun(start: CommandStart): StartedCommand {
  try {
    return spawn(start);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOEXEC") throw error;
    // A script without a "#!" line: execvp and Node start a shell for it.
    const args = ["-c", 'exec "$@"', PROGRAM_NAME, start.program, ...start.args];
    return spawn({ ...start, program: "/bin/sh", args });
  }
}

function spawn({ program, args, env, stdio }: CommandStart): StartedCommand {
  const { Bun: bun } = globalThis as unknown as { Bun: BunProcesses };
  let resolve: (exitCode: number) => void;
  const exitCode = new Promise<number>((settle) => (resolve = settle));
  const { pid } = bun.spawn([program, ...args], {
    env,
    stdio: stdio.map((each) => (each === "ignore" ? null : each)),
    onExit: (_, code, signal) => {
      if (signal === null) resolve(code ?? 0);
      else resolve(128 + (typeof signal === "number" ? signal : constants.signals[signal]));
    },
  });
  return { pid, exitCode };
}
