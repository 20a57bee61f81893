import { CacheError } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import { nextTurn } from "../contract/maybe-promise.js";
import type { CacheStore, StoredEntry } from "./cache-store.js";
import type { OperationCounts } from "./statistics.js";

/** What is moved between two turns of the event loop, at most. */
const ENTRIES_PER_TURN = 500;
const BYTES_PER_TURN = 2 ** 20;

/**
 * Moves all live entries from one store to another, in order of use and with their deadlines.
 * Each entry leaves the one store before it enters the other, so both together need no more
 * memory than one. An entry that does not fit is evicted.
 *
 * Nothing else may use the stores meanwhile. Both must count in `counts`, where moving an
 * entry counts as nothing.
 */
export async function moveEntries(
  from: CacheStore,
  to: CacheStore,
  clock: Clock,
  counts: OperationCounts,
): Promise<void> {
  let entriesLeft = ENTRIES_PER_TURN;
  let bytesLeft = BYTES_PER_TURN;
  for (;;) {
    const isClean = from.reclaimExpired(ENTRIES_PER_TURN);
    const entry = isClean ? oldest(from) : undefined;
    if (isClean && entry === undefined) return;
    if (entry !== undefined) {
      moveEntry(entry, from, to, clock.now(), counts);
      entriesLeft--;
      bytesLeft -= entry.value.length;
    }
    if (isClean && entriesLeft > 0 && bytesLeft > 0) continue;
    entriesLeft = ENTRIES_PER_TURN;
    bytesLeft = BYTES_PER_TURN;
    await nextTurn();
  }
}

function moveEntry(
  { key, value, deadline }: StoredEntry,
  from: CacheStore,
  to: CacheStore,
  now: number,
  counts: OperationCounts,
): void {
  const { sets, deletes, refused } = counts;
  // The next turn of the loop removes an entry that has expired in between.
  if (deadline <= now || !from.delete(key)) return;
  try {
    to.set(key, value, deadline === Infinity ? 0 : deadline - now);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    counts.evicted++;
  }
  Object.assign(counts, { sets, deletes, refused });
}

function oldest(store: CacheStore): StoredEntry | undefined {
  for (const entry of store.entries()) return entry;
  return undefined;
}
