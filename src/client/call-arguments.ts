import { assertKey } from "../contract/assert-key.js";
import { parseValue } from "../contract/bytes-from.js";
import type { CacheEntry, CacheSetOptions } from "../contract/cache-entry.js";
import { CacheError } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";
import { parseEntries } from "../contract/parse-batch.js";
import { parseTtlMs } from "../contract/ttl.js";

/**
 * Copies an entry, since the caller may change the value before it is sent.
 *
 * @throws CacheError `invalid_argument` for a wrong key or value
 */
export function copyEntry(key: unknown, value: unknown): CacheEntry {
  assertKey(key);
  return { key, value: new Uint8Array(parseValue(value)) };
}

/**
 * Copies the entries of a batch: see {@link copyEntry}.
 *
 * @throws CacheError `invalid_argument` for anything but an iterable, and for the first wrong
 *   entry, with its position
 */
export function copyEntries(entries: unknown): CacheEntry[] {
  return parseEntries(entries).map(({ key, value }) => ({ key, value: new Uint8Array(value) }));
}

/**
 * The TTL to send, in whole milliseconds; undefined for an entry that never expires. See
 * {@link parseSentTtlMs}.
 *
 * @param ttl - options, or a number of milliseconds, as the host's generated client passes it
 * @throws CacheError `invalid_argument` for any other type
 */
export function ttlMsFrom(ttl: unknown): number | undefined {
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl === "number") return parseSentTtlMs(ttl);
  // A Date or an array has no `ttlMs`, and would silently mean "never".
  if (Object.prototype.toString.call(ttl) !== "[object Object]") {
    throw new CacheError(
      "invalid_argument",
      `options must be { ttlMs } or a number of milliseconds (got ${describeType(ttl)})`,
    );
  }
  return parseSentTtlMs((ttl as CacheSetOptions).ttlMs);
}

/**
 * Reads a TTL in milliseconds. Undefined, Infinity, 0 and less mean that the entry never expires.
 * The result is then undefined, and no TTL is sent, as all hosts expect.
 *
 * @throws CacheError `invalid_argument` for anything but a number, NaN, and a TTL that is too long
 */
export function parseSentTtlMs(ttlMs: number | undefined): number | undefined {
  if (ttlMs === Infinity || (typeof ttlMs === "number" && ttlMs <= 0)) return undefined;
  return parseTtlMs(ttlMs) || undefined;
}
