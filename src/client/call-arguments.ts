import { assertKey } from "../contract/assert-key.js";
import { parseValue } from "../contract/bytes-from.js";
import type { CacheEntry, CacheSetOptions } from "../contract/cache-entry.js";
import { CacheError } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";
import { parseEntries } from "../contract/parse-batch.js";
import { parseTtlMs } from "../contract/ttl.js";

/**
 * A copy of an entry, whose value its owner may change before it is sent.
 *
 * @throws CacheError `invalid_argument` for a wrong key or value
 */
export function copyEntry(key: unknown, value: unknown): CacheEntry {
  assertKey(key);
  return { key, value: new Uint8Array(parseValue(value)) };
}

/**
 * Copies of the entries of a batch: see {@link copyEntry}.
 *
 * @throws CacheError `invalid_argument` for anything but an iterable, and naming the
 *   first entry that is wrong
 */
export function copyEntries(entries: unknown): CacheEntry[] {
  return parseEntries(entries).map(({ key, value }) => ({ key, value: new Uint8Array(value) }));
}

/**
 * The TTL to send, in whole milliseconds; undefined for an entry that never expires.
 *
 * @throws CacheError `invalid_argument` for what is neither options nor a number
 */
export function ttlMsFrom(ttl: unknown): number | undefined {
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl === "number") return parseSentTtlMs(ttl);
  // Dates, arrays and the like have no `ttlMs`, and would silently mean "never".
  if (Object.prototype.toString.call(ttl) !== "[object Object]") {
    throw new CacheError(
      "invalid_argument",
      `options must be { ttlMs } or a number of milliseconds (got ${describeType(ttl)})`,
    );
  }
  return parseSentTtlMs((ttl as CacheSetOptions).ttlMs);
}

/** Zero, less and infinity are "never", which hosts of every age know as no TTL at all. */
export function parseSentTtlMs(ttlMs: number | undefined): number | undefined {
  if (ttlMs === Infinity || (typeof ttlMs === "number" && ttlMs <= 0)) return undefined;
  return parseTtlMs(ttlMs) || undefined;
}
