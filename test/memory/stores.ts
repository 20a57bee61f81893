import type { Clock } from "../../src/contract/clock.js";
import { BlockStore } from "../../src/memory/blocks/block-store.js";
import type { CacheStore, StoreLimits } from "../../src/memory/cache-store.js";
import { LruStore } from "../../src/memory/lru-store.js";
import type { OperationCounts } from "../../src/memory/statistics.js";

/** A store under test, and what it charges for an entry, computed without its code. */
export interface StoreUnderTest {
  readonly name: "lru" | "blocks";
  readonly create: (limits: StoreLimits, clock: Clock, counts?: OperationCounts) => CacheStore;
  readonly chargeOf: (keyBytes: number, valueBytes: number, hasTtl: boolean) => number;
}

/** Both stores; a suite runs each of its tests over each of them. */
export const STORES: readonly StoreUnderTest[] = [
  {
    name: "lru",
    create: (...args) => new LruStore(...args),
    chargeOf: (keyBytes, valueBytes, hasTtl) =>
      (hasTtl ? 360 : 264) + Math.ceil((5 * (keyBytes + valueBytes)) / 4),
  },
  {
    name: "blocks",
    create: (...args) => new BlockStore(...args),
    chargeOf(keyBytes, valueBytes) {
      // A header of 28 bytes, in blocks of 48 with a link of 4, and 20 bytes of bookkeeping.
      let charge = 20;
      for (let left = 28 + keyBytes + valueBytes; left > 0; left -= 48) charge += 52;
      return charge;
    },
  },
];
