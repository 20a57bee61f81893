import { spawn } from "node:child_process";
import { Command } from "commander";
import { removeSocketDirectory } from "../../server/listen/socket-directory.js";
import { selfCommand } from "../self-command.js";
import { listProcesses, terminateTree, type RunningProcess } from "./process-tree.js";

/** The command, left out of the help, under which the guard runs. */
export const GUARD_COMMAND = "exec-guard";

const DONE = "done";

/**
 * A small process that outlives this one for a moment. Nobody can clean up after
 * being killed with SIGKILL; the guard sees its pipe break, ends the command that
 * would go on without its caches, and removes their sockets.
 */
export interface ExecGuard {
  /** Tells the guard which process to end. */
  watch(pid: number): void;
  /** Everything is cleaned up: the guard ends without doing anything. */
  dismiss(): void;
}

/** Starts the guard of a directory with sockets. */
export function startExecGuard(directory: string): ExecGuard {
  const [program, ...args] = selfCommand();
  // A session of its own: what ends this process by its group must not end the guard.
  const guard = spawn(program, [...args, GUARD_COMMAND, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  // Without a guard, the next start still removes what a killed one left.
  guard.once("error", () => {});
  guard.stdin.on("error", () => {});
  return {
    watch: (pid) => void guard.stdin.write(`${pid}\n`),
    dismiss: () => void guard.stdin.end(`${DONE}\n`),
  };
}

/** The guard's side: reads from the pipe until it ends, then acts. */
export function createGuardCommand(): Command {
  return new Command(GUARD_COMMAND).argument("<directory>").action(async (directory: string) => {
    let guarded: RunningProcess | undefined;
    let rest = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === DONE) return;
        // Looked up now, so that nobody else is mistaken for it later.
        guarded = listProcesses().get(Number(line));
      }
    }
    await removeSocketDirectory(directory);
    if (guarded !== undefined) await terminateTree(guarded);
  });
}
