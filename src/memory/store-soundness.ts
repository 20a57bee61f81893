import { blocksForEntry, entryCost } from "./entry-layout.js";
import type { EntryStore } from "./entry-store.js";

/**
 * Whether a store is what it says: as many entries, each of them readable, and no
 * more memory than is accounted for. Reads everything that is stored; meant for the
 * moment after an error that should not have happened.
 */
export function isSound(store: EntryStore): boolean {
  const { entries, bytes, maxBytes } = store.statistics();
  let count = 0;
  let cost = 0;
  try {
    for (const { key, value } of store.entries()) {
      // A list that bites its own tail would never end.
      if (++count > entries) return false;
      cost += entryCost(blocksForEntry(Buffer.byteLength(key), value.length));
    }
  } catch {
    return false;
  }
  // A write that is under way holds room for an entry that is not there yet.
  return count === entries && cost <= bytes && bytes <= maxBytes;
}
