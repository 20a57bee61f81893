import { CacheError, quoteKey } from "../contract/cache-error.js";
import { entryTooLarge } from "../contract/entry-size.js";
import type { StoreLimits } from "./cache-store.js";
import type { OperationCounts } from "./statistics.js";

/**
 * Returns true for an entry within the limits.
 *
 * @param size - key and value together, in bytes
 * @param charge - the charge of the entry, in bytes
 */
export function entryFits(
  { maxBytes, maxEntryBytes }: StoreLimits,
  size: number,
  charge: number,
): boolean {
  return size <= maxEntryBytes && charge <= maxBytes;
}

/**
 * Checks an entry against the limits. An entry that does not fit counts as `refused`.
 *
 * @param size - key and value together, in bytes
 * @param charge - the charge of the entry, in bytes
 * @throws CacheError `resource_exhausted`; the message names the key, the size and the limit
 */
export function assertEntryFits(
  limits: StoreLimits,
  counts: OperationCounts,
  key: string,
  size: number,
  charge: number,
): void {
  if (entryFits(limits, size, charge)) return;
  const { maxBytes, maxEntryBytes } = limits;
  counts.refused++;
  if (size > maxEntryBytes) throw entryTooLarge(key, size, maxEntryBytes);
  throw new CacheError(
    "resource_exhausted",
    `entry too large: key ${quoteKey(key)} takes ${charge} bytes of memory, above maxBytes (${maxBytes})`,
  );
}
