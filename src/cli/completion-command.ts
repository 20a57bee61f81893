import { Argument, Command } from "commander";
import { writeStandardOutput } from "./client/standard-streams.js";
import { loadCommands } from "./commands.js";
import { bashCompletion, bashRegistration } from "./completion/bash-completion.js";
import { commandWords } from "./completion/command-words.js";
import { fishCompletion } from "./completion/fish-completion.js";
import { PROGRAM_NAME } from "./program-name.js";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Examples:
  bash, in ~/.bashrc:  source <(${PROGRAM_NAME} completion bash)
  zsh, in ~/.zshrc:    source <(${PROGRAM_NAME} completion zsh)
  fish:                ${PROGRAM_NAME} completion fish > ~/.config/fish/completions/${PROGRAM_NAME}.fish`;

/** `completion SHELL`: a script for the shell to read. */
export function createCompletionCommand(): Command {
  return new Command("completion")
    .summary("print a script that completes commands in a shell")
    .description("Print a script that completes commands in a shell.")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action(async (shell: Shell) => {
      await writeStandardOutput(await completionScript(shell));
    });
}

async function completionScript(shell: Shell): Promise<string> {
  const commands = (await loadCommands([])).map(commandWords);
  switch (shell) {
    case "bash":
      return bashCompletion(PROGRAM_NAME, commands) + bashRegistration(PROGRAM_NAME);
    case "zsh":
      // Its own emulation of bash's completion runs the same script.
      return [
        "autoload -U +X compinit && compinit\n",
        "autoload -U +X bashcompinit && bashcompinit\n",
        bashCompletion(PROGRAM_NAME, commands),
        bashRegistration(PROGRAM_NAME),
      ].join("");
    case "fish":
      return fishCompletion(PROGRAM_NAME, commands);
  }
}
