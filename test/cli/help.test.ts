import { expect, test } from "vitest";
import { loadCommands } from "../../src/cli/commands.js";

test("every command has a summary, and help with examples", async () => {
  for (const command of await loadCommands([])) {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help, command.name()).toContain("Examples:");
    expect(help, command.name()).toContain("gestalt-cache-memory");
    expect(command.summary()).not.toBe("");
  }
});
