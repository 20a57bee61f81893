import { setMaxListeners } from "node:events";
import { assertKey } from "../../contract/assert-key.js";
import { CacheError } from "../../contract/cache-error.js";
import type { CacheProvider } from "../../contract/cache-provider.js";
import { mapMaybe, nextTurn } from "../../contract/maybe-promise.js";
import { createPrefixedProvider } from "../../contract/prefixed-provider.js";
import type { MemoryCacheConfig } from "../../memory/config/memory-cache-config.js";
import {
  createMemoryCacheProvider,
  type MemoryCacheProvider,
} from "../../memory/memory-cache-provider.js";
import type { SharedCacheStatistics } from "../../redis/shared-statistics.js";
import type { TieredCacheProvider } from "../../redis/tiered-cache-provider.js";
import { VERSION } from "../../version.js";
import { AdjustableClock, type ClockMode } from "./adjustable-clock.js";
import { CallRecord } from "./call-record.js";
import { ControlledProvider } from "./controlled-provider.js";
import type { FaultRule } from "./fault-rule.js";
import { FaultRules } from "./fault-rules.js";

/** What {@link ControlledCache} makes a cache of. */
export interface ControlledCacheOptions {
  readonly config: MemoryCacheConfig;
  /** The provider to use instead of one in memory, when a server holds the entries. */
  readonly shared?: TieredCacheProvider | undefined;
  /** Keys begin with `<prefix>:` inside the cache. Nothing outside it shows that. */
  readonly prefix?: string | undefined;
  /** Default `real`. */
  readonly clock?: ClockMode | undefined;
  /** Rules that are in force from the beginning. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** Keep the last calls. Default false. */
  readonly keepCalls?: boolean | undefined;
}

/** An entry, and what it takes. */
export interface EntryInfo {
  readonly key: string;
  /** Bytes of key and value. */
  readonly size: number;
  /** What it counts against `maxBytes`, in bytes. */
  readonly charge: number;
  /** What is left of its TTL, in whole milliseconds, rounded up; undefined: it never expires. */
  readonly ttlMs: number | undefined;
}

/** An entry with a copy of its value. */
export interface EntryWithValue extends EntryInfo {
  readonly value: Uint8Array;
}

/** An entry to begin with. */
export interface SeedEntry {
  readonly key: string;
  /** Text is stored as UTF-8. */
  readonly value: Uint8Array | string;
  /** The TTL in milliseconds; 0 or undefined: it never expires. */
  readonly ttlMs?: number | undefined;
}

/** Which entries to list. */
export interface EntryQuery {
  /** Keys begin with this. */
  readonly prefix?: string;
  /** The most entries to return. */
  readonly limit?: number;
  /** The most bytes of keys, and of values if they are wanted; one entry is always returned. */
  readonly maxBytes?: number;
  /** Whether `maxBytes` counts values. Default false. */
  readonly withValues?: boolean;
  /** Where to go on: the `next` of the page before. */
  readonly offset?: number;
  /** The most recently used first; by default the least recently used. */
  readonly newestFirst?: boolean;
}

/** A part of the entries. */
export interface EntryPage {
  /** Each value is copied when it is read. Read it before the cache changes. */
  readonly entries: readonly EntryWithValue[];
  /** The offset of the next page; undefined when there is none. */
  readonly next: number | undefined;
}

/**
 * A cache with fault rules and a record of its calls. If it is in memory, it also has an adjustable
 * clock, and a way to look inside that does not count as a use. If a server holds the entries,
 * everything that concerns them or the clock fails with `failed_precondition`.
 */
export class ControlledCache {
  readonly clock: AdjustableClock;
  readonly faults = new FaultRules();
  readonly calls: CallRecord;
  /** What clients use: faults apply to it, and its calls are recorded. */
  readonly provider: CacheProvider;
  readonly #store: MemoryCacheProvider | TieredCacheProvider;
  /** Undefined when a server holds the entries. */
  readonly #memory: MemoryCacheProvider | undefined;
  /** The same cache without faults and record, under the keys that clients use. */
  readonly #plain: CacheProvider;
  /** What the stored keys begin with. */
  readonly #keyPrefix: string;
  readonly #closing = new AbortController();

  /**
   * @throws CacheError `invalid_argument` for a wrong prefix or fault rule, and for a manual clock
   *   when a server holds the entries
   */
  constructor({
    config,
    shared,
    prefix,
    clock,
    faults = [],
    keepCalls: isKept = false,
  }: ControlledCacheOptions) {
    this.clock = new AdjustableClock(clock);
    this.calls = new CallRecord(isKept);
    if (shared !== undefined && clock === "manual") {
      throw new CacheError(
        "invalid_argument",
        "the clock cannot be manual with shared: the server removes the entries by its own clock",
      );
    }
    this.#memory =
      shared === undefined
        ? createMemoryCacheProvider({ config, clock: this.clock, version: VERSION })
        : undefined;
    this.#store = this.#memory ?? (shared as TieredCacheProvider);
    this.#plain = prefix === undefined ? this.#store : createPrefixedProvider(this.#store, prefix);
    this.#keyPrefix = prefix === undefined ? "" : `${prefix}:`;
    this.provider = new ControlledProvider(this.#plain, this.faults, this.calls);
    for (const rule of faults) this.faults.add(rule);
    // Every call that watches listens; Node would take ten of them for a leak.
    setMaxListeners(0, this.closing);
  }

  /** Aborted when the cache is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** What the cache holds now, and what it did since it was made or reset. */
  statistics(): SharedCacheStatistics {
    return this.#store.statistics();
  }

  /**
   * Moves the clock forward and removes every entry that is due.
   *
   * @returns how many entries have expired
   * @throws CacheError `invalid_argument` for a step back or beyond every limit
   */
  async advance(ms: number): Promise<number> {
    const memory = this.#inMemory();
    const { expired } = this.statistics();
    this.clock.advance(ms);
    await memory.removeExpired();
    // A reset meanwhile starts the counts again.
    return Math.max(0, this.statistics().expired - expired);
  }

  /** Stops the clock. */
  async freeze(): Promise<void> {
    const memory = this.#inMemory();
    this.clock.freeze();
    await memory.removeExpired();
  }

  /** Lets a frozen clock run again. */
  async resume(): Promise<void> {
    const memory = this.#inMemory();
    this.clock.resume();
    await memory.removeExpired();
  }

  /** Live entries in order of use. Does not count as a use. */
  listEntries(query: EntryQuery = {}): EntryPage {
    const { prefix = "", limit = Infinity, maxBytes = Infinity, newestFirst } = query;
    const { withValues = false } = query;
    const wanted = this.#keyPrefix + prefix;
    const entries: EntryWithValue[] = [];
    let next = query.offset ?? 0;
    let bytes = 0;
    for (const key of this.#inMemory().keys({ newestFirst, skip: next })) {
      if (entries.length >= limit) return { entries, next };
      const entry = key.startsWith(wanted) ? this.#peek(key) : undefined;
      if (entry !== undefined) {
        bytes += withValues ? entry.size : Buffer.byteLength(entry.key);
        if (entries.length > 0 && bytes > maxBytes) return { entries, next };
        entries.push(entry);
      }
      next++;
    }
    return { entries, next: undefined };
  }

  /**
   * A live entry; undefined for a missing or expired key. Does not count as a use, hit or miss.
   *
   * @throws CacheError `invalid_argument` for a key that is not well-formed Unicode
   */
  peekEntry(key: string): EntryWithValue | undefined {
    assertKey(key);
    return this.#peek(this.#keyPrefix + key);
  }

  /**
   * Writes entries in order, past faults and record.
   *
   * @throws CacheError naming the entry, when one cannot be stored
   */
  async load(entries: readonly SeedEntry[]): Promise<void> {
    for (const { key, value, ttlMs } of entries) {
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      await this.#plain.set(key, bytes, ttlMs === undefined ? undefined : { ttlMs });
    }
  }

  /**
   * Removes all entries, faults and recorded calls, sets the statistics to zero, and lets the
   * clock do what it did at the beginning.
   *
   * @returns how many entries it has removed
   */
  async reset(): Promise<number> {
    const memory = this.#inMemory();
    const { entries } = this.statistics();
    this.faults.clear();
    this.faults.endDelays();
    // The calls that waited are recorded as they fail, before the record is cleared.
    await nextTurn();
    this.calls.clear();
    this.clock.reset();
    await memory.clear();
    return entries;
  }

  /** Ends background work, and the calls that watch. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.faults.endDelays();
    await mapMaybe(this.#store.closeProvider(), () => {});
  }

  #inMemory(): MemoryCacheProvider {
    if (this.#memory !== undefined) return this.#memory;
    throw new CacheError(
      "failed_precondition",
      "a server holds the entries of this cache: their list, their removal and their clock are " +
        "the server's; use its own tools, or a cache without shared",
    );
  }

  #peek(storedKey: string): EntryWithValue | undefined {
    const entry = this.#inMemory().peek(storedKey);
    if (entry === undefined) return undefined;
    const { size, charge, deadline } = entry;
    return {
      key: storedKey.slice(this.#keyPrefix.length),
      size,
      charge,
      ttlMs: deadline === Infinity ? undefined : Math.ceil(deadline - this.clock.now()),
      get value() {
        return entry.value;
      },
    };
  }
}
