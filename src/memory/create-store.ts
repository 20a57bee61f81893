import type { Clock } from "../contract/clock.js";
import { BlockStore } from "./blocks/block-store.js";
import type { CacheStore } from "./cache-store.js";
import { LruStore } from "./lru-store.js";
import type { MemoryCacheConfig } from "./config/memory-cache-config.js";
import type { OperationCounts } from "./statistics.js";

/** Creates an empty store of the kind that a configuration names. */
export function createStore(
  config: MemoryCacheConfig,
  clock: Clock,
  counts: OperationCounts,
): CacheStore {
  const Store = config.store === "blocks" ? BlockStore : LruStore;
  return new Store(config, clock, counts);
}
