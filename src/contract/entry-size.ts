import type { CacheEntry } from "./cache-entry.js";
import { CacheError, quoteKey } from "./cache-error.js";

/** The largest reply, in bytes, that the host accepts. It is the default of gRPC clients. */
export const MAX_REPLY_BYTES = 4_194_304;

/**
 * The size of the largest entry that can be read back, key and value together, in bytes. A
 * GetMany reply with one entry has at most 17 bytes besides its key and value, so an entry of this
 * size fits in the reply to a Get and in that to a GetMany of its key.
 */
export const MAX_ENTRY_BYTES = MAX_REPLY_BYTES - 17;

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
const MAX_UTF8_BYTES = 3;

/**
 * Returns the error for an entry above `maxEntryBytes`; undefined for one that fits. The size of
 * an entry is that of its key in UTF-8 and of its value.
 */
export function entrySizeError(
  { key, value }: CacheEntry,
  maxEntryBytes: number,
): CacheError | undefined {
  if (MAX_UTF8_BYTES * key.length + value.length <= maxEntryBytes) return undefined;
  const size = Buffer.byteLength(key) + value.length;
  return size > maxEntryBytes ? entryTooLarge(key, size, maxEntryBytes) : undefined;
}

/**
 * Returns the error for an entry of `size` bytes, key and value together: `resource_exhausted`,
 * with the key, the size and the limit in the message.
 */
export function entryTooLarge(key: string, size: number, maxEntryBytes: number): CacheError {
  return new CacheError(
    "resource_exhausted",
    `entry too large: key ${quoteKey(key)} is ${size} bytes, above maxEntryBytes (${maxEntryBytes})`,
  );
}
