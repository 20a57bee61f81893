import type { Command } from "commander";

/**
 * Loaders of the commands, by name. To add a command, add a file and a line here.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["serve", async () => (await import("./serve-command.js")).createServeCommand()],
  ["exec", async () => (await import("./exec-command.js")).createExecCommand()],
  ["get", async () => (await import("./get-command.js")).createGetCommand()],
  ["set", async () => (await import("./set-command.js")).createSetCommand()],
  ["get-many", async () => (await import("./get-many-command.js")).createGetManyCommand()],
  ["set-many", async () => (await import("./set-many-command.js")).createSetManyCommand()],
  ["delete", async () => (await import("./delete-command.js")).createDeleteCommand()],
  ["touch", async () => (await import("./touch-command.js")).createTouchCommand()],
  ["stats", async () => (await import("./stats-command.js")).createStatsCommand()],
  ["keys", async () => (await import("./keys-command.js")).createKeysCommand()],
  ["dump", async () => (await import("./dump-command.js")).createDumpCommand()],
  ["load", async () => (await import("./load-command.js")).createLoadCommand()],
  ["reset", async () => (await import("./reset-command.js")).createResetCommand()],
  ["clock", async () => (await import("./clock-command.js")).createClockCommand()],
  ["fault", async () => (await import("./fault-command.js")).createFaultCommand()],
  ["monitor", async () => (await import("./monitor-command.js")).createMonitorCommand()],
  [
    "conformance",
    async () => (await import("./conformance-command.js")).createConformanceCommand(),
  ],
  ["new", async () => (await import("./new-command.js")).createNewCommand()],
]);

/** Commands for processes that this program starts. No help lists them. */
const INTERNAL_COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["exec-guard", async () => (await import("./exec/exec-guard.js")).createGuardCommand()],
  [
    "exec-background",
    async () => (await import("./exec/background-caches.js")).createBackgroundCommand(),
  ],
]);

/**
 * Loads the command that the first argument names. Loads all commands when it names none, for the
 * help or a suggestion.
 */
export function loadCommands(args: readonly string[]): Promise<Command[]> {
  const name = args[0] ?? "";
  const load = COMMANDS.get(name) ?? INTERNAL_COMMANDS.get(name);
  return Promise.all((load === undefined ? [...COMMANDS.values()] : [load]).map((each) => each()));
}
