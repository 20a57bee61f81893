import type { Command } from "commander";

/**
 * Every command by its name, loaded when it is asked for. One file each; a new
 * command is a new file and a line here.
 */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["serve", async () => (await import("./serve-command.js")).createServeCommand()],
]);

/**
 * Loads the command that the arguments start with; all of them when they start
 * with none, which is when help or a suggestion is wanted.
 */
export function loadCommands(args: readonly string[]): Promise<Command[]> {
  const load = COMMANDS.get(args[0] ?? "");
  return Promise.all((load === undefined ? [...COMMANDS.values()] : [load]).map((each) => each()));
}
