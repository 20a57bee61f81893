import { Buffer } from "node:buffer";
import type { CacheEntry } from "../../contract/cache-provider.js";
import { UsageError } from "../usage-error.js";
import { textFrom } from "./value-format.js";

/**
 * An entry as one line of JSON, with a line break: the value as `value` when it is
 * text, else as `base64`. What one cache gives, another can take.
 */
export function formatEntryLine({ key, value }: CacheEntry): string {
  const text = textFrom(value);
  const line =
    text === undefined
      ? { key, base64: Buffer.from(value).toString("base64") }
      : { key, value: text };
  return `${JSON.stringify(line)}\n`;
}

/**
 * Reads lines as {@link formatEntryLine} writes them; empty ones are passed over.
 *
 * @throws UsageError naming the line that is not one
 */
export function parseEntryLines(text: string): CacheEntry[] {
  const entries: CacheEntry[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const entry = entryFrom(line);
    if (entry === undefined) {
      throw new UsageError(
        `line ${index + 1} is not {"key": "...", "value": "text"} or {"key": "...", "base64": "..."}`,
      );
    }
    entries.push(entry);
  }
  return entries;
}

/** An entry as one word of the command line: `KEY=VALUE`, the key without `=`. */
export function parseEntryWord(word: string): CacheEntry {
  const separator = word.indexOf("=");
  if (separator < 0) throw new UsageError(`"${word}" is not KEY=VALUE`);
  return { key: word.slice(0, separator), value: Buffer.from(word.slice(separator + 1)) };
}

function entryFrom(line: string): CacheEntry | undefined {
  const { key, value, base64 } = objectFrom(line);
  if (typeof key !== "string") return undefined;
  if (typeof value === "string" && base64 === undefined) return { key, value: Buffer.from(value) };
  if (typeof base64 !== "string" || value !== undefined) return undefined;
  return { key, value: Buffer.from(base64, "base64") };
}

function objectFrom(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
