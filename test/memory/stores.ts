import type { Clock } from "../../src/contract/clock.js";
import { BlockStore } from "../../src/memory/blocks/block-store.js";
import type { CacheStore, StoredEntry, StoreLimits } from "../../src/memory/cache-store.js";
import { LruStore } from "../../src/memory/lru-store.js";
import type { OperationCounts } from "../../src/memory/statistics.js";

/** A store under test, and its charge for an entry, computed independently of its code. */
export interface StoreUnderTest {
  readonly name: "lru" | "blocks";
  readonly create: (limits: StoreLimits, clock: Clock, counts?: OperationCounts) => CacheStore;
  readonly chargeOf: (key: string, valueBytes: number, hasTtl: boolean) => number;
}

/** Both stores, over which a suite runs each of its tests. */
export const STORES: readonly [StoreUnderTest, StoreUnderTest] = [
  {
    name: "lru",
    create: (...args) => new LruStore(...args),
    chargeOf(key, valueBytes, hasTtl) {
      // One byte per character for ASCII; otherwise the larger of UTF-8 and UTF-16.
      const isAscii = Buffer.byteLength(key) === key.length;
      const keyBytes = isAscii ? key.length : Math.max(Buffer.byteLength(key), 2 * key.length);
      return (hasTtl ? 360 : 264) + Math.ceil((5 * (keyBytes + valueBytes)) / 4);
    },
  },
  {
    name: "blocks",
    create: (...args) => new BlockStore(...args),
    chargeOf(key, valueBytes) {
      // A header of 28 bytes, in blocks of 48 with a link of 4, 20 bytes of bookkeeping, and a tenth.
      let charge = 20;
      const bytes = 28 + Buffer.byteLength(key) + valueBytes;
      for (let left = bytes; left > 0; left -= 48) charge += 52;
      return Math.ceil((11 * charge) / 10);
    },
  },
];

/** All live entries of a store, the least recently used first, as plain objects. */
export function entriesOf(store: CacheStore): StoredEntry[] {
  return Array.from(store.keys(), (key) => {
    const entry = store.peek(key);
    if (entry === undefined) throw new Error(`keys() returned ${key}, which peek() did not find`);
    return { ...entry };
  });
}
