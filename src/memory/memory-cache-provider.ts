import { CacheProvider } from "../contract/cache-provider.js";
import { monotonicClock, type Clock } from "../contract/clock.js";
import { nextTurn } from "../contract/maybe-promise.js";
import { EntryStore } from "./entry-store.js";
import { ExpirySweeper } from "./expiry-sweeper.js";
import {
  DEFAULT_MEMORY_CACHE_CONFIG,
  parseMemoryCacheConfig,
  type MemoryCacheConfig,
} from "./memory-cache-config.js";
import { MAX_COPY_BYTES } from "./sliced-write.js";
import { isSound } from "./store-soundness.js";
import { createOperationCounts, type CacheStatistics } from "./statistics.js";

/** How to make a {@link MemoryCacheProvider}. */
export interface MemoryCacheOptions {
  /** The limits until `configureProvider` brings others; by default 64 MiB. */
  readonly config?: MemoryCacheConfig;
  /** Where the time is read; by default the process's monotonic clock. */
  readonly clock?: Clock;
  /** The provider's version, plain semver. */
  readonly version?: string;
}

/** The in-memory cache provider, and what it can tell about itself. */
export class MemoryCacheProvider extends CacheProvider {
  readonly #statistics: () => CacheStatistics;

  /** Use {@link createMemoryCacheProvider}. */
  constructor(
    handlers: ConstructorParameters<typeof CacheProvider>[0],
    statistics: () => CacheStatistics,
  ) {
    super(handlers);
    this.#statistics = statistics;
  }

  /** What the cache holds now and did since it was made; survives reconfiguration. */
  statistics(): CacheStatistics {
    return this.#statistics();
  }
}

/**
 * A cache provider that keeps its entries in this process's memory: least
 * recently used entries go first when `maxBytes` is reached, expired ones
 * before them. Usable at once; `configureProvider` replaces the limits and
 * keeps what still fits.
 *
 * A value that is answered is a copy, nobody else's to change; a small one shares
 * its buffer with others, so whoever keeps it for long does well to copy it.
 *
 * Operations answer without a promise, except for a write that has to make room by
 * removing thousands of entries, and for one of more than 6 MiB: that value must not
 * be changed before the promise is settled.
 */
export function createMemoryCacheProvider(options: MemoryCacheOptions = {}): MemoryCacheProvider {
  const clock = options.clock ?? monotonicClock;
  const counts = createOperationCounts();
  const sweeper = new ExpirySweeper(clock);
  let store = new EntryStore(options.config ?? DEFAULT_MEMORY_CACHE_CONFIG, clock, counts);
  sweeper.watch(store);

  return new MemoryCacheProvider(
    {
      name: "memory",
      displayName: "In-memory cache",
      description: "Cache held in the provider's memory, least recently used entries evicted first",
      version: options.version ?? "",
      get: (key) => store.get(key),
      set(key, value, { ttlMs }) {
        if (!store.set(key, value, ttlMs)) {
          const isLarge = value.length > MAX_COPY_BYTES;
          return setInSlices(key, isLarge ? value : value.slice(), ttlMs);
        }
        if (ttlMs > 0) sweeper.noteDeadline();
      },
      delete: (key) => store.delete(key),
      touch(key, ttlMs) {
        const touched = store.touch(key, ttlMs);
        if (ttlMs > 0) sweeper.noteDeadline();
        return touched;
      },
      configure(_name, config) {
        const limits = parseMemoryCacheConfig(config);
        const replacement = new EntryStore(limits, clock, counts);
        replacement.adopt(store);
        store = replacement;
        sweeper.watch(store);
      },
      isSound: () => isSound(store),
      close: () => sweeper.stop(),
    },
    () => store.statistics(),
  );

  /** Goes on with a write that takes long, a slice at a time. */
  async function setInSlices(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    let written: EntryStore | undefined;
    // Again in another store, should a new configuration have come in between.
    while (written !== store) {
      written = store;
      const slices = written.setInSlices(key, value, ttlMs);
      do await nextTurn();
      while (slices.next().done !== true);
    }
    if (ttlMs > 0) sweeper.noteDeadline();
  }
}
