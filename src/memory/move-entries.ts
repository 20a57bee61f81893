import { nextTurn } from "../contract/maybe-promise.js";
import { CacheError } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import type { CacheStore } from "./cache-store.js";
import type { OperationCounts } from "./statistics.js";

/** How many entries are moved between two turns of the event loop. */
const ENTRIES_PER_TURN = 500;

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
  const { sets, deletes, refused } = counts;
  let moved = 0;
  for (let entry = oldest(from); entry !== undefined; entry = oldest(from)) {
    const { key, value, deadline } = entry;
    const ttlMs = deadline === Infinity ? 0 : deadline - clock.now();
    if (from.delete(key)) {
      try {
        to.set(key, value, ttlMs);
      } catch (error) {
        if (!(error instanceof CacheError)) throw error;
        counts.evicted++;
      }
    }
    if (++moved % ENTRIES_PER_TURN === 0) await nextTurn();
  }
  // What expired meanwhile was skipped.
  while (!from.reclaimExpired(ENTRIES_PER_TURN)) await nextTurn();
  Object.assign(counts, { sets, deletes, refused });
}

function oldest(store: CacheStore) {
  for (const entry of store.entries()) return entry;
  return undefined;
}
