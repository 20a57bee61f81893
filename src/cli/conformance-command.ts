import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import type { ConformanceReport } from "../conformance/report.js";
import { escapeControls } from "../contract/printable-text.js";
import { CONFORMANCE_CASES } from "../conformance/cases/all-cases.js";
import { renderBadge } from "../conformance/report/render-badge.js";
import { renderJson } from "../conformance/report/render-json.js";
import { renderJunit } from "../conformance/report/render-junit.js";
import { renderTap } from "../conformance/report/render-tap.js";
import { renderText } from "../conformance/report/render-text.js";
import { MAX_WAIT_MS, runConformance } from "../conformance/run-conformance.js";
import {
  CONFORMANCE_PROFILES,
  selectCases,
  type CaseSelection,
  type ConformanceProfile,
} from "../conformance/select-cases.js";
import { ignoredSignals } from "../host/ignored-signals.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { caseListText } from "./conformance/case-list.js";
import { createProgressLine } from "./conformance/progress-line.js";
import {
  addSubjectFlags,
  subjectFromFlags,
  type SubjectFlags,
} from "./conformance/subject-flags.js";
import { readConfigFile } from "./config-file.js";
import { durationParser } from "./duration-flag.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";
import { systemErrorReason } from "./system-error-reason.js";
import { UsageError } from "./usage-error.js";

/** A case failed, none passed, or the run ended early. */
const EXIT_DOES_NOT_CONFORM = 1;

const RENDERERS = {
  text: renderText,
  json: renderJson,
  junit: renderJunit,
  tap: renderTap,
  badge: renderBadge,
} as const satisfies Record<string, (report: ConformanceReport) => string>;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} conformance -- node dist/main.js
  $ ${PROGRAM_NAME} conformance --target unix:///tmp/cache.sock
  $ ${PROGRAM_NAME} conformance --config valkey.yaml --ttl-unit 2s -- ./provider
  $ ${PROGRAM_NAME} conformance --only ttl,touch/shortens --report tap -- ./provider
  $ ${PROGRAM_NAME} conformance --list --profile strict

A command is started as gestaltd starts it, and once more for each case about starting and
stopping. The backend of a command or a target may be shared: a run changes only its own keys.
Large values may evict entries of a bounded cache. A target that already serves its cache is
configured only with --config.

Exit code: 0 when every selected case passed or was skipped and at least one passed,
${EXIT_DOES_NOT_CONFORM} when a case failed, none passed or the run ended early, 2 for wrong usage.`;

interface ConformanceFlags extends SubjectFlags {
  readonly config?: string;
  readonly ttlUnit?: number;
  readonly timeout?: number;
  readonly startTimeout?: number;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly profile: ConformanceProfile;
  readonly report: keyof typeof RENDERERS;
  readonly junit?: string;
  readonly list?: boolean;
}

const parseTime = durationParser({ minMs: 1, maxMs: MAX_WAIT_MS, example: "2s" });

/** `conformance`: a cache provider, in any language, held to the contract. */
export function createConformanceCommand(): Command {
  const command = new Command("conformance")
    .summary("check that a cache provider keeps the contract")
    .description("Check that a cache provider, in any language, keeps the contract.")
    .argument("[command...]", "the provider's command and its arguments, after --")
    .passThroughOptions();
  return addSubjectFlags(command)
    .option("--config <file>", "what ConfigureProvider receives, YAML or JSON")
    .addOption(
      new Option("--profile <profile>", "how much to check")
        .choices(CONFORMANCE_PROFILES)
        .default("required"),
    )
    .option(
      "--only <cases>",
      "only these ids, or themes in the profile; repeat or use commas",
      addNames,
    )
    .option("--skip <cases>", "not these case ids or themes; repeat or use commas", addNames)
    .option(
      "--ttl-unit <duration>",
      "unit of TTLs, longer for slow backends (default: 200ms)",
      parseTime,
    )
    .option("--timeout <duration>", "longest wait for a reply (default: 5s)", parseTime)
    .option("--start-timeout <duration>", "longest wait for the socket (default: 10s)", parseTime)
    .addOption(
      new Option("--report <format>", "how to report")
        .choices(Object.keys(RENDERERS))
        .default("text"),
    )
    .option("--junit <file>", "also write a JUnit report into this file")
    .option("--list", "list the cases instead of running them")
    .addHelpText("after", EXAMPLES)
    .action(conformance);
}

async function conformance(words: readonly string[], flags: ConformanceFlags): Promise<void> {
  const { profile, only, skip, ttlUnit, timeout, startTimeout } = flags;
  const selection: CaseSelection = { profile, only, skip };
  const cases = namedCases(selection);
  if (flags.list) {
    await writeStandardOutput(caseListText(cases));
    return;
  }
  const subject = subjectFromFlags(words, flags);
  const config = flags.config === undefined ? undefined : await readConfigFile(flags.config);
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The second signal ends the program at once, as usual.
    if (!ignoredSignals().has(signal)) process.once(signal, () => interrupt.abort());
  }
  const progress = createProgressLine(process.stderr);
  const report = await runConformance(subject, {
    ...selection,
    ...(config === undefined ? {} : { config }),
    signal: interrupt.signal,
    onProgress: progress.show,
    ...(ttlUnit === undefined ? {} : { ttlUnitMs: ttlUnit }),
    ...(timeout === undefined ? {} : { callTimeoutMs: timeout }),
    ...(startTimeout === undefined ? {} : { startTimeoutMs: startTimeout }),
  });
  progress.clear();
  await writeStandardOutput(forTerminal(RENDERERS[flags.report](report)));
  if (flags.junit !== undefined) await writeReport(flags.junit, renderJunit(report));
  if (!report.conforms) throw new ExitStatus(EXIT_DOES_NOT_CONFORM);
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const directory = dirname(path);
    const reason = existsSync(directory)
      ? systemErrorReason(error)
      : `the directory ${directory} does not exist`;
    throw new Error(`cannot write ${path}: ${reason}`, { cause: error });
  }
}

/** What a provider said may be anything; a terminal must not act on it. */
function forTerminal(text: string): string {
  return process.stdout.isTTY ? text.split("\n").map(escapeControls).join("\n") : text;
}

function namedCases(selection: CaseSelection): ReturnType<typeof selectCases> {
  try {
    return selectCases(CONFORMANCE_CASES, selection);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

function addNames(text: string, names: readonly string[] | undefined): readonly string[] {
  return [...(names ?? []), ...text.split(",").map((name) => name.trim())];
}
