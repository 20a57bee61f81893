import { Command, CommanderError } from "commander";
import { escapeControls } from "../contract/printable-text.js";
import { VERSION } from "../version.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { COMMANDS, loadCommands } from "./commands.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";
import { assertUtf8Arguments } from "./raw-arguments.js";
import { UsageError } from "./usage-error.js";

/** The exit codes by the convention of Unix commands. */
const EXIT_OK = 0;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

const INTRODUCTION = `An in-memory cache for Gestalt: the cache provider that gestaltd starts, and the
same cache for local development and CI.`;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} serve                     run a cache on a private Unix socket
  $ ${PROGRAM_NAME} serve --max-bytes 256MiB  run a larger cache
  $ ${PROGRAM_NAME} exec -- npm test          run a command with a fresh cache
  $ ${PROGRAM_NAME} exec --help               show the options of exec

gestaltd starts it without arguments; it then runs as the cache provider.`;

/**
 * Runs a command line. It prints a failure as one line on stderr.
 *
 * @returns the exit code: 0 for success, 1 for a failure, 2 for a wrong command line, or that of
 *   an {@link ExitStatus}. `serve` returns once it listens; its server keeps the process alive
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
    // runCommandLine prints errors, in one line, and the help.
    .configureOutput({ writeOut, outputError: () => {} })
    .hook("preAction", (_, { args: words }) => {
      // exec passes the arguments of its command on as bytes.
      const passedOn = args[0] === "exec" ? words.length : 0;
      assertUtf8Arguments(args.slice(0, args.length - passedOn), passedOn);
    });
  for (const command of await loadCommands(args)) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

/** Turns `help serve` into `serve --help`, which fails for an unknown command. */
function withHelpFlag(args: readonly string[]): readonly string[] {
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

/** Commander spreads all arguments into one function call, which is limited to about 120,000. */
const MAX_ARGUMENTS = 100_000;

function assertFewEnough({ length }: readonly string[]): void {
  if (length <= MAX_ARGUMENTS) return;
  throw new UsageError(
    `${length} arguments, above the limit of ${MAX_ARGUMENTS}; split them, for example with xargs`,
  );
}

/** An error in one line without control characters, which file names and servers may contain. */
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
