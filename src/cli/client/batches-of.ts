import type { CacheEntry } from "../../contract/cache-provider.js";

/** One call takes no more keys or entries than this, so that no server has to take everything at once. */
export const MAX_BATCH_ENTRIES = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Divides entries into batches, in order.
 *
 * @param maxBytes - keys and values of a batch come to no more than this, unless it is one entry
 */
export function* batchesOf<Entry extends CacheEntry>(
  entries: Iterable<Entry>,
  maxBytes = MAX_BATCH_BYTES,
): Generator<readonly [Entry, ...Entry[]]> {
  let batch: [Entry, ...Entry[]] | undefined;
  let bytes = 0;
  for (const entry of entries) {
    const entryBytes = entry.key.length + entry.value.length;
    if (batch === undefined) {
      batch = [entry];
      bytes = 0;
    } else if (batch.length >= MAX_BATCH_ENTRIES || bytes + entryBytes > maxBytes) {
      yield batch;
      batch = [entry];
      bytes = 0;
    } else {
      batch.push(entry);
    }
    bytes += entryBytes;
  }
  if (batch !== undefined) yield batch;
}
