import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { CacheError } from "../contract/cache-error.js";
import { escapeControls } from "../contract/printable-text.js";
import { errorLine } from "../server/error-line.js";
import { ignoredSignals } from "../host/ignored-signals.js";
import { keepServingOnErrors } from "../host/process-errors.js";
import {
  isBindingVariable,
  parseBindingNames,
  withoutBindingVariables,
} from "../client/binding-variables.js";
import { DEFAULT_BINDING, startEphemeralCache } from "../standalone/ephemeral-cache.js";
import { absolutePath } from "./absolute-path.js";
import { addCacheFlags, cacheConfigFromFlags, type CacheFlags } from "./cache-flags.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import {
  addControlFlags,
  openCallFile,
  seedFrom,
  type CallFile,
  type ControlFlags,
} from "./control/control-flags.js";
import { startBackgroundCaches, type BackgroundOptions } from "./exec/background-caches.js";
import {
  ENVIRONMENT_FORMATS,
  environmentText,
  type EnvironmentFormat,
} from "./exec/environment-text.js";
import { isStandardOutputClosed } from "./exec/inherited-descriptors.js";
import { startExecGuard, type ExecGuard } from "./exec/exec-guard.js";
import { reportJson, reportText } from "./exec/exec-report.js";
import { runChild } from "./exec/run-child.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";
import { rawArguments, rawEnvironment } from "./raw-arguments.js";
import { UsageError } from "./usage-error.js";

/** The caches could not be started. `env` and `timeout` use the same exit code for their failures. */
const EXIT_NOT_STARTED = 125;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} exec -- npm test
  $ ${PROGRAM_NAME} exec --bind session --bind rate-limit --stats -- npm test
  $ ${PROGRAM_NAME} exec --ui -- npm start
  $ ${PROGRAM_NAME} exec --clock manual --seed entries.jsonl --fault get=unavailable:2 -- npm test
  $ eval "$(${PROGRAM_NAME} exec --bind session --print-env sh)"
  $ ${PROGRAM_NAME} exec --bind session --print-env github >> "$GITHUB_ENV"

The command gets the variables that gestaltd sets: GESTALT_CACHE_SOCKET_<NAME> for each
binding, GESTALT_CACHE_SOCKET if there is one binding only, and GESTALT_HOST_SERVICE_SOCKET
for all of them. The commands clock, fault, keys, dump, load, reset and monitor work there, and
other languages use the service gestalt_cache_memory.v1.Control.
With --print-env the caches run in the background; to stop them: kill $GESTALT_CACHE_MEMORY_PID

Exit code: that of the command; 128+n if signal n ended it, 127 if it does not exist,
126 if it cannot be run, ${EXIT_NOT_STARTED} if the caches cannot be started.`;

interface ExecFlags extends CacheFlags, ControlFlags {
  readonly bind?: readonly string[];
  readonly prefix?: string;
  readonly printEnv?: EnvironmentFormat;
  readonly stats?: boolean;
  readonly json?: boolean;
  readonly statsFile?: string;
}

/** Creates the command `exec`, which runs another command with fresh caches. */
export function createExecCommand(): Command {
  const command = new Command("exec")
    .summary("run a command with fresh caches")
    .description("Run a command with a fresh cache for each binding. The caches end with it.")
    .argument("[command...]", "the command and its arguments, after --")
    .passThroughOptions()
    .option(
      "--bind <name>",
      `cache binding of the plugin; repeatable (default: ${DEFAULT_BINDING})`,
      (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
    )
    .option("--prefix <name>", "store keys as <name>:<key>, as the host does for a plugin")
    .option("--stats", "print the statistics of each cache on stderr when the command ends")
    .option("--json", "print the statistics on stderr as one line of JSON")
    .option("--stats-file <file>", "write the statistics to a file, as JSON")
    .addOption(
      new Option(
        "--print-env <format>",
        "start caches in the background and print their variables; run no command",
      ).choices(ENVIRONMENT_FORMATS),
    );
  return addControlFlags(addCacheFlags(command)).addHelpText("after", EXAMPLES).action(exec);
}

async function exec(words: readonly string[], flags: ExecFlags): Promise<void> {
  const bindings = bindingsFrom(flags.bind ?? [DEFAULT_BINDING]);
  const config = await cacheConfigFromFlags(flags, bindings.length);
  const prefix = flags.prefix === undefined ? {} : { prefix: flags.prefix };
  const [program, ...args] = words;
  if (flags.printEnv !== undefined) {
    if (program !== undefined)
      throw new UsageError("--print-env does not run a command; leave it out");
    const { clock, fault: faults } = flags;
    const files = pathsFrom({ seedFile: flags.seed, recordFile: flags.record });
    // The caches read it again. An error in it is reported here, as theirs has no output.
    seedFrom(flags.seed);
    const control = {
      clock,
      ...(faults === undefined ? {} : { faults }),
      ...files,
      ui: flags.ui === true,
    };
    await printEnvironment({ bindings, config, ...prefix, ...control }, flags.printEnv);
    return;
  }
  if (program === undefined) throw new UsageError("no command; give it after --");

  const seed = seedFrom(flags.seed);
  const callFile = flags.record === undefined ? undefined : openCallFileFor(flags.record);
  const guards: ExecGuard[] = [];
  const caches = await startEphemeralCache({
    bindings,
    config: { ...config },
    ...prefix,
    clock: flags.clock,
    seed,
    ...(flags.fault === undefined ? {} : { faults: flags.fault }),
    ...(callFile === undefined ? {} : { onCall: (call) => callFile.add(call, call.binding) }),
    ...(flags.ui === true ? { onPageLink: printPageLink } : {}),
    report: (error, where) => printLine(errorLine(error, where)),
    onDirectory: (directory) => void guards.push(startExecGuard(directory)),
  }).catch((error: unknown) => {
    for (const guard of guards) guard.dismiss();
    const message = error instanceof Error ? error.message : String(error);
    throw new ExitStatus(EXIT_NOT_STARTED, message, { cause: error });
  });
  const leaveErrors = keepServingOnErrors(printLine);
  let exitCode: number;
  try {
    const { env, rawVariables } = inheritedVariables();
    exitCode = await runChild([program, ...args], {
      env: { ...env, ...caches.env },
      ignored: ignoredSignals(),
      rawWords: rawArguments(words),
      rawVariables,
      onStart: (pid) => {
        for (const guard of guards) guard.watch(pid);
      },
    });
  } finally {
    leaveErrors();
    await caches.close();
    await callFile?.close();
    for (const guard of guards) guard.dismiss();
  }
  const statistics = caches.statistics();
  if (flags.json) process.stderr.write(`${reportJson(statistics, exitCode)}\n`);
  else if (flags.stats) process.stderr.write(reportText(statistics));
  if (flags.statsFile !== undefined) writeReport(flags.statsFile, reportJson(statistics, exitCode));
  throw new ExitStatus(exitCode);
}

function openCallFileFor(path: string): CallFile {
  try {
    return openCallFile(path, printLine);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ExitStatus(EXIT_NOT_STARTED, message, { cause: error });
  }
}

/** Makes paths absolute, and leaves out those that are not given. */
function pathsFrom(
  files: Readonly<Record<"seedFile" | "recordFile", string | undefined>>,
): Partial<Record<"seedFile" | "recordFile", string>> {
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, absolutePath(path)] as const],
  );
  return Object.fromEntries(given);
}

/** Starts caches in the background. They end if their variables cannot be printed. */
async function printEnvironment(
  options: BackgroundOptions,
  format: EnvironmentFormat,
): Promise<void> {
  const caches = await startBackgroundCaches(options);
  try {
    const unset = Object.keys(process.env).filter(
      (name) => isBindingVariable(name) && caches.env[name] === undefined,
    );
    const text = environmentText({ set: caches.env, unset }, format);
    if (isStandardOutputClosed() || !(await writeStandardOutput(text))) {
      throw new Error("cannot print the variables: standard output is closed");
    }
    if (caches.pageLink !== undefined) printPageLink(caches.pageLink);
    await caches.keep();
  } finally {
    caches.release();
  }
}

/** The command's environment without cache variables: as text, and as bytes what is not UTF-8. */
function inheritedVariables(): { env: Record<string, string>; rawVariables: readonly Buffer[] } {
  const raw = rawEnvironment().map((variable) => ({ variable, name: nameOf(variable) }));
  // The text form of these variables has replacement characters in the value or the name.
  const changed = new Set(raw.map(({ name }) => name));
  const kept = Object.entries(process.env).filter(([name]) => !changed.has(name));
  return {
    env: withoutBindingVariables(Object.fromEntries(kept)),
    rawVariables: raw.flatMap(({ variable, name }) => (isBindingVariable(name) ? [] : [variable])),
  };
}

function nameOf(variable: Buffer): string {
  return variable.toString().split("=", 1)[0] ?? "";
}

function bindingsFrom(names: readonly string[]): readonly string[] {
  try {
    return parseBindingNames(names);
  } catch (error) {
    throw error instanceof CacheError ? new UsageError(`--bind: ${error.message}`) : error;
  }
}

/** Writes a report. A failure is only printed: the exit code is that of the command. */
function writeReport(path: string, report: string): void {
  try {
    writeFileSync(path, `${report}\n`);
  } catch (error) {
    printLine(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function printPageLink(url: string): void {
  printLine(`open the page; the link works once: ${url}`);
}

function printLine(line: string): void {
  process.stderr.write(`${PROGRAM_NAME}: ${escapeControls(line)}\n`);
}
