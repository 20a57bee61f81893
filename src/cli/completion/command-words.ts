import type { Command } from "commander";

/** A flag, as completion needs to know it. */
export interface FlagWords {
  /** With its dashes: `--config`. */
  readonly name: string;
  readonly description: string;
  /** What follows it: nothing, one of these words, a file, or anything. */
  readonly value: readonly string[] | "file" | "anything" | undefined;
}

/** A command, as completion needs to know it. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
  /** What its arguments are: one of these words, a command line, or anything. */
  readonly argument: readonly string[] | "command" | "anything";
}

/** Reads off a command what can be typed after its name. */
export function commandWords(command: Command): CommandWords {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    summary: command.summary(),
    flags: [
      ...command.options.map((option) => ({
        name: option.long ?? option.short ?? "",
        description: option.description,
        value: option.argChoices ?? valueOf(option.flags),
      })),
      { name: "--help", description: "display help for command", value: undefined },
    ],
    argument: argument?.argChoices ?? (argument?.name() === "command" ? "command" : "anything"),
  };
}

/** The placeholder in `--config <file>` says what follows. */
function valueOf(flags: string): FlagWords["value"] {
  const placeholder = /<(.+)>/.exec(flags)?.[1];
  if (placeholder === undefined) return undefined;
  return placeholder === "file" ? "file" : "anything";
}
