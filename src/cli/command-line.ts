import { Command, CommanderError } from "commander";
import { escapeControls } from "../contract/printable-text.js";
import { VERSION } from "../version.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { COMMANDS, loadCommands } from "./commands.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";
import { assertUtf8Arguments } from "./raw-arguments.js";
import { UsageError } from "./usage-error.js";

/** Exit codes: as usual for Unix commands. */
const EXIT_OK = 0;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const INTRODUCTION = `An in-memory cache for Gestalt: the cache provider that gestaltd starts, and the
same cache for local development and CI.`;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} serve                     run a cache on a private Unix socket
  $ ${PROGRAM_NAME} serve --max-bytes 256MiB  the same, with more room
  $ ${PROGRAM_NAME} exec -- npm test          run a command with a fresh cache
  $ ${PROGRAM_NAME} exec --help               everything that exec can do

Started by gestaltd, without arguments, it is the provider.`;

/**
 * Runs one command line. A failure is one line on stderr.
 *
 * @returns the exit code: 0, 1 for a failure, 2 for a command typed wrongly, or
 *   what the command decided. A command that serves returns at once; the process
 *   lives on
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let help = "";
  const program = await createProgram(args, (text) => (help += text));
  try {
    assertFewEnough(args);
    try {
      await program.parseAsync(args.length === 0 ? ["--help"] : withHelpFlag(args), {
        from: "user",
      });
    } catch (error) {
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
      await writeStandardOutput(help);
    }
    return EXIT_OK;
  } catch (error) {
    if (error instanceof ExitStatus) {
      if (error.message !== "") console.error(`${PROGRAM_NAME}: ${oneLine(error)}`);
      return error.exitCode;
    }
    const isUsage = error instanceof CommanderError || error instanceof UsageError;
    console.error(`${PROGRAM_NAME}: ${oneLine(error)}${isUsage ? `; see ${helpFor(args)}` : ""}`);
    return isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}

async function createProgram(
  args: readonly string[],
  writeOut: (text: string) => void,
): Promise<Command> {
  const program = new Command(PROGRAM_NAME)
    .description(INTRODUCTION)
    .version(VERSION)
    .addHelpText("after", EXAMPLES)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    // Errors are printed by runCommandLine, in one line, and so is the help.
    .configureOutput({ writeOut, outputError: () => {} })
    .hook("preAction", (_, { args: words }) => {
      // exec passes on the bytes of its command.
      const passedOn = args[0] === "exec" ? words.length : 0;
      assertUtf8Arguments(args.slice(0, args.length - passedOn), passedOn);
    });
  for (const command of await loadCommands(args)) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** `help serve` as `serve --help`, which knows a wrong name when it sees one. */
function withHelpFlag(args: readonly string[]): readonly string[] {
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

/** Commander passes all arguments to a function at once, which has room for about 120,000. */
const MAX_ARGUMENTS = 100_000;

function assertFewEnough({ length }: readonly string[]): void {
  if (length <= MAX_ARGUMENTS) return;
  throw new UsageError(
    `${length} arguments are too many, at most ${MAX_ARGUMENTS} work; divide them, as xargs does`,
  );
}

/** Names of files and words of servers may hold anything; a terminal must not act on it. */
function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message
    .replace(/^error: /, "")
    .replace(/\.?\s*$/, "")
    .replaceAll(/\s*\n\s*/g, " ");
  return escapeControls(line);
}

function helpFor(args: readonly string[]): string {
  const [command = ""] = args;
  return `${PROGRAM_NAME}${COMMANDS.has(command) ? ` ${command}` : ""} --help`;
}
