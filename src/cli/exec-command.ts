import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { CacheError } from "../contract/cache-error.js";
import { errorLine } from "../server/error-line.js";
import { ignoredSignals } from "../host/ignored-signals.js";
import { keepServingOnErrors } from "../host/process-errors.js";
import {
  isBindingVariable,
  parseBindingNames,
  withoutBindingVariables,
} from "../client/binding-variables.js";
import { DEFAULT_BINDING, startEphemeralCache } from "../standalone/ephemeral-cache.js";
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
import { startExecGuard, type ExecGuard } from "./exec/exec-guard.js";
import { reportJson, reportText } from "./exec/exec-report.js";
import { runChild } from "./exec/run-child.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";
import { rawArguments, rawEnvironment } from "./raw-arguments.js";
import { UsageError } from "./usage-error.js";

/** What went wrong before the command could run, as `env` and `timeout` have it. */
const EXIT_NOT_STARTED = 125;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} exec -- npm test
  $ ${PROGRAM_NAME} exec --bind session --bind rate-limit --stats -- npm test
  $ ${PROGRAM_NAME} exec --ui -- npm start
  $ ${PROGRAM_NAME} exec --clock manual --seed entries.jsonl --fault get=unavailable:2 -- npm test
  $ eval "$(${PROGRAM_NAME} exec --bind session --print-env sh)"
  $ ${PROGRAM_NAME} exec --bind session --print-env github >> "$GITHUB_ENV"

The command finds each cache as under gestaltd: GESTALT_CACHE_SOCKET_<NAME>, with one
binding also GESTALT_CACHE_SOCKET, and GESTALT_HOST_SERVICE_SOCKET for all of them. Meanwhile
the commands clock, fault, keys, dump, load, reset and monitor work with it, as does the service
gestalt_cache_memory.v1.Control from any language.
With --print-env the caches stay in the background until: kill $GESTALT_CACHE_MEMORY_PID

Exit code: the command's own; 128+n when signal n ended it, 127 when there is no such
command, 126 when it cannot be run, ${EXIT_NOT_STARTED} when the caches cannot be started.`;

interface ExecFlags extends CacheFlags, ControlFlags {
  readonly bind?: readonly string[];
  readonly prefix?: string;
  readonly printEnv?: EnvironmentFormat;
  readonly stats?: boolean;
  readonly json?: boolean;
  readonly statsFile?: string;
}

/** `exec`: a command with fresh caches, gone when it ends. */
export function createExecCommand(): Command {
  const command = new Command("exec")
    .summary("run a command with fresh caches")
    .description("Run a command with a fresh cache for each binding, gone when it ends.")
    .argument("[command...]", "the command and its arguments, after --")
    .passThroughOptions()
    .option(
      "--bind <name>",
      `a cache binding of the plugin; repeat for more (default: ${DEFAULT_BINDING})`,
      (name: string, names: readonly string[] | undefined) => [...(names ?? []), name],
    )
    .option("--prefix <name>", "keep keys as <name>:<key>, as the host does for a plugin")
    .option("--stats", "tell on stderr what the command did to each cache")
    .option("--json", "the same as one line of JSON")
    .option("--stats-file <file>", "the same as JSON in a file")
    .addOption(
      new Option(
        "--print-env <format>",
        "run no command; print the variables of caches that stay",
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
    if (program !== undefined) throw new UsageError("--print-env runs no command");
    const { clock, fault: faults } = flags;
    const files = pathsFrom({ seedFile: flags.seed, recordFile: flags.record });
    // Read in vain, but a wrong file is found while somebody reads the error.
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
  if (program === undefined) throw new UsageError("no command; write it after --");

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
    ...(flags.ui === true ? { onPageLink: sayPageLink } : {}),
    report: (error, where) => say(errorLine(error, where)),
    onDirectory: (directory) => void guards.push(startExecGuard(directory)),
  }).catch((error: unknown) => {
    for (const guard of guards) guard.dismiss();
    const message = error instanceof Error ? error.message : String(error);
    throw new ExitStatus(EXIT_NOT_STARTED, message, { cause: error });
  });
  const leaveErrors = keepServingOnErrors(say);
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
    return openCallFile(path, say);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ExitStatus(EXIT_NOT_STARTED, message, { cause: error });
  }
}

/** Paths that stay what they are in another directory; those that are not given are left out. */
function pathsFrom(
  files: Readonly<Record<"seedFile" | "recordFile", string | undefined>>,
): Partial<Record<"seedFile" | "recordFile", string>> {
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, resolve(path)] as const],
  );
  return Object.fromEntries(given);
}

/** Starts caches that stay, if somebody learns where they are. */
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
    if (!(await writeStandardOutput(text))) throw new Error("nobody reads the variables");
    if (caches.pageLink !== undefined) sayPageLink(caches.pageLink);
    await caches.keep();
  } finally {
    caches.release();
  }
}

/** The environment of the command, but for its caches: as text, and what is not UTF-8. */
function inheritedVariables(): { env: Record<string, string>; rawVariables: readonly Buffer[] } {
  const raw = rawEnvironment().map((variable) => ({ variable, name: nameOf(variable) }));
  // As text they would have other values, or other names.
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

/** A report that cannot be written must not change what the command's exit code says. */
function writeReport(path: string, report: string): void {
  try {
    writeFileSync(path, `${report}\n`);
  } catch (error) {
    say(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sayPageLink(url: string): void {
  say(`open the page; the link works once: ${url}`);
}

function say(line: string): void {
  process.stderr.write(`${PROGRAM_NAME}: ${line}\n`);
}
