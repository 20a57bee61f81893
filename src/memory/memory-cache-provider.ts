import { CacheError } from "../contract/cache-error.js";
import { CacheProvider } from "../contract/cache-provider.js";
import { monotonicClock, type Clock } from "../contract/clock.js";
import {
  READ_GARBAGE_BYTES,
  recordGarbage,
  WRITE_GARBAGE_BYTES,
} from "../contract/heap-pressure.js";
import type { MaybePromise } from "../contract/maybe-promise.js";
import { nodeTimers } from "../contract/timers.js";
import type { CacheStore, KeyOrder, StoredEntry } from "./cache-store.js";
import { createStore } from "./create-store.js";
import { assertMemoryHolds } from "./config/memory-bound.js";
import { moveEntries } from "./move-entries.js";
import { ExpirySweeper } from "./expiry-sweeper.js";
import { parseMemoryCacheConfig, type MemoryCacheConfig } from "./config/memory-cache-config.js";
import { runInSlices } from "./run-in-slices.js";
import { createOperationCounts, type CacheStatistics } from "./statistics.js";

/** The error for a configuration with `shared`, which this provider does not support. */
const MEMORY_ONLY = "invalid config: /shared: this provider keeps entries in its memory only";

/** A value of at least this size, in bytes, may displace many entries, so its write can be sliced. */
const LARGE_VALUE_BYTES = 256 * 1024;

/** The most entries that the write of a large value removes at once; beyond, it works in slices. */
const MAX_REMOVALS_AT_ONCE = 1000;

/**
 * The largest share of a lowered `maxBytes` that a store may need for vacant memory. With more, the
 * entries move to a new store.
 */
const MAX_VACANT_SHARE = 1 / 8;

/** The number of entries that one step of a slice removes. */
const STEP_ENTRIES = 8;

/** Options of {@link createMemoryCacheProvider}. */
export interface MemoryCacheOptions {
  /**
   * The configuration until `configureProvider` replaces it. Only `configureProvider` checks that the
   * process can hold it. Default: the lru store, 64 MiB.
   */
  readonly config?: MemoryCacheConfig;
  /** The clock for TTLs. Default: the process's monotonic clock. */
  readonly clock?: Clock;
  /** The provider's version, plain semver. Default: empty. */
  readonly version?: string;
}

/** What {@link MemoryCacheProvider} does beside the seven operations. */
type Inspection = Pick<
  MemoryCacheProvider,
  "statistics" | "keys" | "peek" | "removeExpired" | "clear"
>;

/** The in-memory cache provider, with what tests and tools use beside its operations. */
export class MemoryCacheProvider extends CacheProvider {
  readonly #inspection: Inspection;

  /** Use {@link createMemoryCacheProvider}. */
  constructor(handlers: ConstructorParameters<typeof CacheProvider>[0], inspection: Inspection) {
    super(handlers);
    this.#inspection = inspection;
  }

  override get copiesValues(): boolean {
    return true;
  }

  /**
   * What the cache holds now, and its counts since it was created or cleared, across
   * reconfigurations.
   */
  statistics(): CacheStatistics {
    return this.#inspection.statistics();
  }

  /**
   * The keys of all live entries in order of use. Does not count as a use. The cache must not
   * change while the iteration runs. While a new configuration replaces the store, only the
   * entries that have not moved yet.
   */
  keys(order?: KeyOrder): Iterable<string> {
    return this.#inspection.keys(order);
  }

  /** A live entry, under the same conditions as `keys`; undefined for any other key. */
  peek(key: string): StoredEntry | undefined {
    return this.#inspection.peek(key);
  }

  /**
   * Removes every expired entry, in slices between which other calls run. Call it when the
   * clock has jumped, was frozen or runs again: the cache then waits for the next deadline anew.
   */
  removeExpired(): Promise<void> {
    return this.#inspection.removeExpired();
  }

  /** Removes all entries and sets the statistics to zero. */
  clear(): Promise<void> {
    return this.#inspection.clear();
  }
}

/**
 * Creates a cache provider that keeps its entries in the memory of this process. When a write
 * would exceed a limit, expired entries are removed first, then the least recently used ones.
 *
 * The provider works at once with the given configuration. `configureProvider` applies another
 * one in place and keeps the entries that still fit. A new `store` takes over the live entries,
 * and operations wait meanwhile. So does a new lru store when `maxBytes` is lowered by much.
 *
 * Operations return plain values, not promises, with two exceptions: while entries move to a new
 * store, and for the write of a large value that displaces more than a thousand entries.
 *
 * A returned value is a copy, which the caller owns. Small values share a buffer of 8 KiB: copy a
 * value before you keep it for long. After `closeProvider` operations still work, but expired
 * entries are no longer removed in the background.
 *
 * @throws CacheError `invalid_argument` for a wrong configuration
 */
export function createMemoryCacheProvider(options: MemoryCacheOptions = {}): MemoryCacheProvider {
  const clock = options.clock ?? monotonicClock;
  const counts = createOperationCounts();
  const sweeper = new ExpirySweeper(clock, nodeTimers);
  let config = parseMemoryOnly({ ...options.config });
  let store = createStore(config, clock, counts);
  /** Settles when the entries have moved to a new store; undefined when no move is in progress. */
  let moving: Promise<void> | undefined;
  let configuring: Promise<void> = Promise.resolve();
  sweeper.watch(store);

  const withStore = <T>(operate: (store: CacheStore) => MaybePromise<T>): MaybePromise<T> =>
    moving === undefined ? operate(store) : moving.then(() => withStore(operate));

  function write(current: CacheStore, key: string, value: Uint8Array, ttlMs: number): void {
    recordGarbage(WRITE_GARBAGE_BYTES + value.length);
    current.set(key, value, ttlMs);
    if (ttlMs > 0) sweeper.reschedule();
  }

  async function writeInSlices(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    const hasRoom = (): boolean => store.makeRoomFor(key, value.length, ttlMs, STEP_ENTRIES);
    await runInSlices(() => moving !== undefined || hasRoom());
    await withStore((current) => write(current, key, value, ttlMs));
  }

  async function apply(next: MemoryCacheConfig): Promise<void> {
    const isSameKind = next.store === config.store;
    if (isSameKind) await runInSlices(() => store.resize(next, STEP_ENTRIES));
    const isLowered = next.maxBytes < config.maxBytes;
    const isSparse = isLowered && store.vacantBytes > next.maxBytes * MAX_VACANT_SHARE;
    if (!isSameKind || isSparse) {
      const replacement = createStore(next, clock, counts);
      sweeper.stop();
      moving = moveEntries(store, replacement, clock, counts).finally(() => {
        moving = undefined;
        store = replacement;
      });
      await moving;
    }
    config = next;
    sweeper.watch(store);
  }

  return new MemoryCacheProvider(
    {
      name: "memory",
      displayName: "In-memory cache",
      description: "Cache held in the provider's memory, least recently used entries evicted first",
      version: options.version ?? "",
      // The store checks and counts.
      maxEntryBytes: Infinity,
      get: (key) =>
        withStore((current) => {
          const value = current.get(key);
          recordGarbage(READ_GARBAGE_BYTES);
          return value;
        }),
      set: (key, value, { ttlMs }) =>
        withStore((current) =>
          value.length < LARGE_VALUE_BYTES ||
          current.makeRoomFor(key, value.length, ttlMs, MAX_REMOVALS_AT_ONCE)
            ? write(current, key, value, ttlMs)
            : writeInSlices(key, value.slice(), ttlMs),
        ),
      delete: (key) => withStore((current) => current.delete(key)),
      touch: (key, ttlMs) =>
        withStore((current) => {
          const touched = current.touch(key, ttlMs);
          if (ttlMs > 0) sweeper.reschedule();
          return touched;
        }),
      async configure(_name, value) {
        const next = parseMemoryOnly(value);
        assertMemoryHolds(next);
        // Configurations apply one after another; each may take several turns of the event loop.
        const applied = configuring.then(() => apply(next));
        configuring = applied.catch(() => {});
        await applied;
      },
      async close() {
        await configuring;
        sweeper.stop();
      },
    },
    {
      statistics: () => store.statistics(),
      keys: (order) => store.keys(order),
      peek: (key) => store.peek(key),
      async removeExpired() {
        await moving;
        await runInSlices(() => store.reclaimExpired(STEP_ENTRIES));
        sweeper.watch(store);
      },
      async clear() {
        await configuring;
        Object.assign(counts, createOperationCounts());
        store = createStore(config, clock, counts);
        sweeper.watch(store);
      },
    },
  );
}

/** @throws CacheError `invalid_argument` for a wrong configuration, and for one with `shared` */
function parseMemoryOnly(value: Readonly<Record<string, unknown>>): MemoryCacheConfig {
  const config = parseMemoryCacheConfig(value);
  if (config.shared === undefined) return config;
  throw new CacheError("invalid_argument", MEMORY_ONLY);
}
