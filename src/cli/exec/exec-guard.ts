import { spawn } from "node:child_process";
import { Command } from "commander";
import { removeSocketDirectory } from "../../server/listen/socket-directory.js";
import { selfCommand } from "../self-command.js";
import { listProcesses, terminateTree, type RunningProcess } from "./process-tree.js";

/** The internal command that runs the guard. */
export const GUARD_COMMAND = "exec-guard";

const DONE = "done";

/**
 * A small process that cleans up if this one is killed with SIGKILL. When its pipe closes, the
 * guard ends the command, which would continue without its caches, and removes their sockets.
 */
export interface ExecGuard {
  /** Sets the process that the guard ends. */
  watch(pid: number): void;
  /** Ends the guard without any action. Call it after cleaning up. */
  dismiss(): void;
}

/** Starts a guard for a directory with sockets. */
export function startExecGuard(directory: string): ExecGuard {
  const [program, ...args] = selfCommand();
  // A separate session: a signal to the process group of this process must not end the guard.
  const guard = spawn(program, [...args, GUARD_COMMAND, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  // Without a guard, the next start still removes the sockets of a killed process.
  guard.once("error", () => {});
  guard.stdin.on("error", () => {});
  return {
    watch: (pid) => void guard.stdin.write(`${pid}\n`),
    dismiss: () => void guard.stdin.end(`${DONE}\n`),
  };
}

/** Creates the internal command that runs the guard: it reads its pipe to the end, then cleans up. */
export function createGuardCommand(): Command {
  return new Command(GUARD_COMMAND).argument("<directory>").action(async (directory: string) => {
    let guarded: RunningProcess | undefined;
    let rest = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === DONE) return;
        // Looked up now: later another process may have the same id.
        guarded = listProcesses().get(Number(line));
      }
    }
    await removeSocketDirectory(directory);
    if (guarded !== undefined) await terminateTree(guarded);
  });
}
