import { createWriteStream, openSync, type WriteStream } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { CacheError } from "../../contract/cache-error.js";
import type { ClockMode } from "../../standalone/control/adjustable-clock.js";
import type { RecordedCall } from "../../standalone/control/call-record.js";
import type { FaultRule } from "../../standalone/control/fault-rule.js";
import { FaultRules } from "../../standalone/control/fault-rules.js";
import { readFile } from "../client/cache-connection.js";
import { parseEntryLines, type EntryLine } from "../client/entry-lines.js";
import { systemErrorReason } from "../system-error-reason.js";
import { UsageError } from "../usage-error.js";
import { callJson, lineFromRecord } from "./call-lines.js";
import { parseFaultText } from "./fault-text.js";

/** The flags of `exec` and `serve` that control a cache from its beginning. */
export interface ControlFlags {
  readonly seed?: string;
  readonly clock: ClockMode;
  readonly fault?: readonly FaultRule[];
  readonly record?: string;
  readonly ui?: boolean;
}

/** Gives a command the flags in {@link ControlFlags}. */
export function addControlFlags(command: Command): Command {
  return command
    .option("--seed <file>", "begin with the entries of a file, as dump writes them")
    .addOption(
      new Option("--clock <mode>", "manual: the time is frozen; clock advance moves it")
        .choices(["real", "manual"])
        .default("real"),
    )
    .option(
      "--fault <rule>",
      "make calls fail, such as get=unavailable:2, set=200ms, *=miss@20%; see fault --help; " +
        "repeat for more",
      collectRule,
    )
    .option("--record <file>", "append each call to a file, as lines of JSON, without values")
    .option(
      "--ui",
      "serve a page that shows and changes the caches; prints a link that works once",
    );
}

/**
 * The entries that `--seed` names.
 *
 * @throws UsageError when the file cannot be read, or a line is wrong
 */
export function seedFrom(file: string | undefined): readonly EntryLine[] {
  if (file === undefined) return [];
  const input = readFile(file);
  try {
    return parseEntryLines(input, true);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--seed ${file}: ${error.message}`, { cause: error });
  }
}

/** The unwritten bytes from which on calls are left out: minutes of a busy cache. */
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024;

/** A file to which calls are appended. */
export interface CallFile {
  add(call: RecordedCall, binding: string): void;
  /** Settled when everything is written. */
  close(): Promise<void>;
}

/**
 * Opens the file of `--record`. While 16 MiB are unwritten, as in a pipe whose reader does not
 * read, calls are left out, since they would fill the memory; their number is reported.
 *
 * @param report - takes what goes wrong while it is written
 * @throws Error naming the file when it cannot be opened
 */
export function openCallFile(path: string, report: (line: string) => void): CallFile {
  let stream: WriteStream;
  try {
    stream = createWriteStream(path, { fd: openSync(path, "a") });
  } catch (error) {
    throw new Error(`cannot write ${path}: ${systemErrorReason(error)}`, { cause: error });
  }
  const name = resolve(path);
  stream.once("error", (error) => report(`cannot write ${name}: ${systemErrorReason(error)}`));
  let leftOut = 0;
  const reportLeftOut = (): void => {
    if (leftOut === 0) return;
    report(`${leftOut} calls are missing in ${name}, since they could not be written fast enough`);
    leftOut = 0;
  };
  stream.on("drain", reportLeftOut).once("close", reportLeftOut);
  return {
    add(call, binding) {
      if (!stream.writable) return;
      if (stream.writableLength > MAX_UNWRITTEN_BYTES) leftOut++;
      else stream.write(callJson(lineFromRecord(call), binding === "" ? undefined : binding));
    },
    close: () =>
      new Promise((settle) => {
        if (stream.destroyed) settle();
        else stream.once("close", settle).end();
      }),
  };
}

function collectRule(text: string, rules: readonly FaultRule[] = []): readonly FaultRule[] {
  const all = [...rules, parseFaultText(text)];
  try {
    const tried = new FaultRules();
    for (const rule of all) tried.add(rule);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    throw new InvalidArgumentError(`${error.message.replace(/^fault rule: /, "")}.`);
  }
  return all;
}
