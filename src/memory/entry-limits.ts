import { CacheError, quoteKey } from "../contract/cache-error.js";
import { entryTooLarge } from "../contract/entry-size.js";
import type { StoreLimits } from "./cache-store.js";
import type { OperationCounts } from "./statistics.js";

/**
 * Checks an entry against the limits. An entry that does not fit counts as `refused`.
 *
 * @param size - key and value together, in bytes
 * @param charge - the charge of the entry, in bytes
 * @throws CacheError `resource_exhausted`; the message names the key, the size and the limit
 */
export function assertEntryFits(
  { maxBytes, maxEntryBytes }: StoreLimits,
  counts: OperationCounts,
  key: string,
  size: number,
  charge: number,
): void {
  if (size <= maxEntryBytes && charge <= maxBytes) return;
  counts.refused++;
  if (size > maxEntryBytes) throw entryTooLarge(key, size, maxEntryBytes);
  throw new CacheError(
    "resource_exhausted",
    `entry too large: key ${quoteKey(key)} takes ${charge} bytes of memory, above maxBytes (${maxBytes})`,
  );
}
