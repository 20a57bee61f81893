import { CacheError } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import type { CacheStore, StoredEntry } from "./cache-store.js";
import { runInSlices } from "./run-in-slices.js";
import type { OperationCounts } from "./statistics.js";

/** The number of entries that one step removes or moves. */
const STEP_ENTRIES = 8;

/**
 * Moves all live entries from one store to another, in order of use and with their deadlines.
 * Each entry is removed from the old store before it is written to the new one, so both together
 * need no more memory than one. An entry that does not fit into the new store is evicted.
 *
 * No other code may use the stores during the move. Both must count in `counts`; a moved entry
 * does not change the counts.
 */
export async function moveEntries(
  from: CacheStore,
  to: CacheStore,
  clock: Clock,
  counts: OperationCounts,
): Promise<void> {
  await runInSlices(() => {
    // Expired entries first: the search for the oldest live entry would visit them again and again.
    if (!from.reclaimExpired(STEP_ENTRIES)) return false;
    const keys = oldestKeys(from, STEP_ENTRIES);
    for (const key of keys) {
      const entry = from.peek(key);
      if (entry !== undefined) moveEntry(entry, from, to, clock.now(), counts);
    }
    return keys.length === 0;
  });
}

function moveEntry(
  { key, value, deadline }: StoredEntry,
  from: CacheStore,
  to: CacheStore,
  now: number,
  counts: OperationCounts,
): void {
  const { sets, deletes, refused } = counts;
  // The next step removes an entry that has expired meanwhile.
  if (deadline <= now || !from.delete(key)) return;
  try {
    to.set(key, value, deadline === Infinity ? 0 : deadline - now);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    counts.evicted++;
  }
  Object.assign(counts, { sets, deletes, refused });
}

/** Several keys at a time: the start of the iteration takes longer than the move of an entry. */
function oldestKeys(store: CacheStore, count: number): string[] {
  const keys: string[] = [];
  for (const key of store.keys()) {
    keys.push(key);
    if (keys.length === count) break;
  }
  return keys;
}
