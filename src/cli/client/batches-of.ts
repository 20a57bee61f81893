import type { CacheEntry } from "../../contract/cache-provider.js";

/** One call writes no more than this, so that no server has to take everything at once. */
const MAX_BATCH_ENTRIES = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Divides entries into batches for `setMany`, in order.
 *
 * @param mayShare - false for two entries that follow each other but need calls of their own;
 *   by default any two may share one
 */
export function* batchesOf<Entry extends CacheEntry>(
  entries: Iterable<Entry>,
  mayShare: (one: Entry, next: Entry) => boolean = () => true,
): Generator<readonly [Entry, ...Entry[]]> {
  let batch: [Entry, ...Entry[]] | undefined;
  let bytes = 0;
  for (const entry of entries) {
    const isFull =
      batch !== undefined &&
      (batch.length >= MAX_BATCH_ENTRIES || bytes >= MAX_BATCH_BYTES || !mayShare(batch[0], entry));
    if (batch === undefined || isFull) {
      if (batch !== undefined) yield batch;
      batch = [entry];
      bytes = 0;
    } else {
      batch.push(entry);
    }
    bytes += entry.key.length + entry.value.length;
  }
  if (batch !== undefined) yield batch;
}
