import { Buffer } from "node:buffer";
import { quoteKey } from "../../contract/cache-error.js";
import type { CacheEntry } from "../../contract/cache-provider.js";
import { escapeControls } from "../../contract/printable-text.js";
import { MAX_TTL_MS } from "../../contract/ttl.js";
import { formatDurationMs, parseDurationMs } from "../duration-text.js";
import { UsageError } from "../usage-error.js";
import { bytesFromBase64, textFrom } from "./value-format.js";

/** An entry as a line holds it. */
export interface EntryLine extends CacheEntry {
  /** The TTL in whole milliseconds; undefined: it never expires. */
  readonly ttlMs?: number | undefined;
}

/**
 * Writes an entry as one line of JSON with a line break. The value is the member `value` if it is
 * text, otherwise `base64`; the TTL, if there is one, is `ttl`. For a terminal, control characters
 * that JSON leaves are escaped too.
 */
export function formatEntryLine(
  { key, value, ttlMs }: EntryLine,
  { isTerminal }: { readonly isTerminal: boolean },
): string {
  const text = textFrom(value);
  const json = JSON.stringify({
    key,
    ...(text === undefined ? { base64: Buffer.from(value).toString("base64") } : { value: text }),
    ...(ttlMs === undefined ? {} : { ttl: formatDurationMs(ttlMs) }),
  });
  return `${isTerminal ? escapeControls(json) : json}\n`;
}

/**
 * Reads lines in the form of {@link formatEntryLine}. Empty lines, and a byte order mark at the
 * beginning, are ignored.
 *
 * @param mayHaveTtl - false to refuse the member `ttl`
 * @throws UsageError with the number of the first wrong line and its problem
 */
export function parseEntryLines(input: Uint8Array, mayHaveTtl = false): EntryLine[] {
  const entries: EntryLine[] = [];
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  // Line by line, since the input may be longer than the longest string.
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const lineBreak = bytes.indexOf(LINE_FEED, start);
    const end = lineBreak < 0 ? bytes.length : lineBreak;
    try {
      const entry = entryFrom(bytes.subarray(start, end), mayHaveTtl);
      if (entry !== undefined) entries.push(entry);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      throw new UsageError(`line ${line} ${error.message}`);
    }
    start = end + 1;
  }
  return entries;
}

/** Reads an entry from a command-line argument: `KEY=VALUE`. The key cannot contain `=`. */
export function parseEntryWord(word: string): CacheEntry {
  const separator = word.indexOf("=");
  if (separator < 0) throw new UsageError(`${quoteKey(word)} is not KEY=VALUE`);
  return { key: word.slice(0, separator), value: Buffer.from(word.slice(separator + 1)) };
}

const LINE_FEED = 0x0a;

const FORMS = '{"key": "...", "value": "text"} or {"key": "...", "base64": "..."}';

/** A problem with a line. Its message continues `line 3`. */
class LineError extends Error {}

/** Reads a line; undefined for a blank one. */
function entryFrom(line: Uint8Array, mayHaveTtl: boolean): EntryLine | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(line);
  } catch {
    throw new LineError("is not UTF-8 text");
  }
  if (text.trim() === "") return undefined;
  const { key, value, base64, ...rest } = objectFrom(text);
  const { ttl, ...others } = rest;
  const hasOneValue = (typeof value === "string") !== (typeof base64 === "string");
  const isKnown = value === undefined || base64 === undefined;
  if (typeof key !== "string" || !hasOneValue || !isKnown) throw new LineError(`is not ${FORMS}`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new LineError(`has the unknown member ${quoteKey(unknown)}; write ${FORMS}`);
  }
  if (ttl !== undefined && !mayHaveTtl) {
    throw new LineError('has the unknown member "ttl"; only load and --seed take it');
  }
  const lifetime = ttl === undefined ? {} : { ttlMs: ttlMsFrom(ttl) };
  assertWellFormed("key", key);
  if (typeof value === "string") {
    assertWellFormed("value", value);
    return { key, value: Buffer.from(value), ...lifetime };
  }
  const bytes = bytesFromBase64(base64 as string);
  if (bytes === undefined) throw new LineError('has a "base64" that is not base64');
  return { key, value: bytes, ...lifetime };
}

function ttlMsFrom(ttl: unknown): number {
  const ttlMs = typeof ttl === "string" ? parseDurationMs(ttl) : undefined;
  if (ttlMs !== undefined && ttlMs > 0 && ttlMs <= MAX_TTL_MS) return ttlMs;
  throw new LineError('has a "ttl" that is no time such as "5m" or "250ms", above 0');
}

function objectFrom(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** A lone surrogate, as in "\ud800", has no UTF-8 form; another character would be stored. */
function assertWellFormed(member: string, text: string): void {
  if (text.isWellFormed()) return;
  throw new LineError(`has a lone surrogate in "${member}"`);
}
