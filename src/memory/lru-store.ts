import { LRUCache } from "lru-cache";
import { assertKey } from "../contract/assert-key.js";
import type { Clock } from "../contract/clock.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import type { CacheStore, KeyOrder, StoredEntry, StoreLimits } from "./cache-store.js";
import { MAX_CACHE_BYTES } from "./config/config-schema.js";
import * as entry from "./entry-charge.js";
import { assertEntryFits, entryFits } from "./entry-limits.js";
import { maxEntriesOf, VacantSlots } from "./lru-cache-limits.js";
import { createOperationCounts, type CacheStatistics, type OperationCounts } from "./statistics.js";

/**
 * The default store: an `lru-cache` with a size and a TTL for each entry.
 *
 * lru-cache keeps the entries in order of use, adds up their sizes, evicts the least recently
 * used, and treats an entry as absent after its TTL. Where the contract (docs/semantics.md)
 * requires more, a comment gives the reason and the version that was measured.
 */
export class LruStore implements CacheStore {
  #limits: StoreLimits;
  readonly #clock: Clock;
  readonly #counts: OperationCounts;
  /** The time of the current operation, which reads the clock once. */
  #now = 0;
  #lru = this.#createLru();
  #vacantSlots = new VacantSlots();
  /**
   * The values with a TTL, by deadline. lru-cache 11.5 finds expired entries only by a scan of all
   * entries (200 ms and more for a million), and evicts live entries while expired ones remain.
   */
  readonly #expiry = entry.createExpiryHeap();

  /** @param counts - where to count; given when this store replaces another one */
  constructor(limits: StoreLimits, clock: Clock, counts = createOperationCounts()) {
    this.#limits = limits;
    this.#clock = clock;
    this.#counts = counts;
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#use(key);
    this.#counts[value === undefined ? "misses" : "hits"]++;
    return value === undefined ? undefined : entry.copyOf(value);
  }

  set(key: string, value: Uint8Array, ttlMs: number): void {
    assertKey(key);
    const size = Buffer.byteLength(key) + value.length;
    // The charge with a TTL, whether the entry has one or not, so that touch() has room for one.
    assertEntryFits(this.#limits, this.#counts, key, size, entry.charge(key, value.length, true));
    const old = this.#use(key);
    this.#store(key, entry.keep(value), ttlMs, old);
    if (old !== undefined) {
      this.#counts.overwrites++;
      entry.discard(old);
    }
    this.#counts.sets++;
  }

  delete(key: string): boolean {
    // lru-cache 11.5 returns true for an expired entry.
    if (this.#use(key) === undefined) return false;
    this.#counts.deletes++;
    return this.#lru.delete(key);
  }

  touch(key: string, ttlMs: number): boolean {
    const value = this.#use(key);
    if (value === undefined) return false;
    const kept = entry.keptOf(value);
    if (entry.charge(key, kept.length, ttlMs !== NEVER_EXPIRES) > this.#limits.maxBytes) {
      // Only after a resize to hardly more than this entry.
      this.#lru.delete(key);
      this.#counts.evicted++;
      return false;
    }
    this.#store(key, kept, ttlMs, value);
    this.#counts.touches++;
    return true;
  }

  get nextDeadline(): number {
    return this.#expiry.nextDeadline;
  }

  reclaimExpired(limit: number): boolean {
    this.#now = this.#clock.now();
    while (limit-- > 0 && this.#removeExpired());
    return this.nextDeadline > this.#now;
  }

  resize(limits: StoreLimits, limit: number): boolean {
    this.#limits = limits;
    this.#now = this.#clock.now();
    return this.#shrink(limits.maxBytes, maxEntriesOf(limits), 0, limit);
  }

  makeRoom(key: string, valueBytes: number, limit: number): boolean {
    assertKey(key);
    const size = Buffer.byteLength(key) + valueBytes;
    if (!entryFits(this.#limits, size, entry.charge(key, valueBytes, true))) return true;
    const old = this.#use(key);
    // Without a TTL, the smallest charge that the entry can have.
    const maxBytes = this.#limits.maxBytes - entry.charge(key, valueBytes, false);
    const maxEntries = maxEntriesOf(this.#limits);
    return old === undefined
      ? this.#shrink(maxBytes, maxEntries - 1, 0, limit)
      : this.#shrink(maxBytes + entry.chargeOf(key, old), maxEntries, 1, limit);
  }

  *keys({ newestFirst = false, skip = 0 }: KeyOrder = {}): Generator<string> {
    this.#now = this.#clock.now();
    const entries = newestFirst ? this.#lru.entries() : this.#lru.rentries();
    for (const [key, value] of entries as Iterable<[string, entry.LruValue]>) {
      if (this.#deadlineOf(value) > this.#now && skip-- <= 0) yield key;
    }
  }

  peek(key: string): StoredEntry | undefined {
    assertKey(key);
    this.#now = this.#clock.now();
    const value = this.#lru.peek(key);
    const deadline = value === undefined ? 0 : this.#deadlineOf(value);
    if (value === undefined || deadline <= this.#now) return undefined;
    return {
      key,
      size: Buffer.byteLength(key) + entry.keptOf(value).length,
      charge: entry.chargeOf(key, value),
      deadline,
      get value() {
        return entry.copyOf(value);
      },
    };
  }

  statistics(): CacheStatistics {
    const { size: entries, calculatedSize: bytes } = this.#lru;
    return { entries, bytes, maxBytes: this.#limits.maxBytes, ...this.#counts };
  }

  #createLru(): LRUCache<string, entry.LruValue> {
    return new LRUCache({
      // maxSize and max cannot change after construction (11.5), but the limits can. So maxSize
      // is the largest limit that can be configured, and #shrink enforces the current ones.
      maxSize: MAX_CACHE_BYTES,
      // lru-cache takes a start time of 0 as "no TTL" (11.5).
      perf: { now: () => this.#now || Number.MIN_VALUE },
      // By default lru-cache reads the clock once a millisecond, so time stops within a batch.
      ttlResolution: 0,
      // set() and touch() dispose of a replaced value: lru-cache skips a value that is the same.
      noDisposeOnSet: true,
      dispose: (value, _key, reason) => {
        if (value instanceof entry.ExpiringValue) this.#expiry.remove(value);
        entry.discard(value);
        if (reason === "evict") this.#counts.evicted++;
        else if (reason === "expire") this.#counts.expired++;
      },
    });
  }

  /** The live value of a key, which becomes the most recently used; removes an expired one. */
  #use(key: string): entry.LruValue | undefined {
    assertKey(key);
    this.#now = this.#clock.now();
    const value = this.#lru.get(key);
    if (value === undefined || this.#deadlineOf(value) > this.#now) return value;
    // lru-cache and the heap may round the sum of a start time and a TTL differently.
    this.#expire(key);
    return undefined;
  }

  /** Stores a value with its TTL in place of `old`, the live value of the key, if any. */
  #store(key: string, kept: entry.KeptValue, ttlMs: number, old?: entry.LruValue): void {
    const ownKey = old instanceof entry.ExpiringValue ? old.key : entry.ownKey(key);
    const value = ttlMs === NEVER_EXPIRES ? kept : new entry.ExpiringValue(ownKey, kept);
    const charge = entry.chargeOf(key, value);
    const { size, calculatedSize } = this.#lru;
    const oldCharge = old === undefined ? 0 : entry.chargeOf(key, old);
    const oldEntries = old === undefined ? 0 : 1;
    // While a resize is unfinished, a write removes only as much as it adds. `old` was used just
    // now, so it is the last entry that would be evicted, and stays.
    const maxBytes = Math.max(this.#limits.maxBytes, calculatedSize) - charge + oldCharge;
    const maxEntries = Math.max(maxEntriesOf(this.#limits), size) - 1 + oldEntries;
    this.#shrink(maxBytes, maxEntries, oldEntries, Infinity);
    // lru-cache 11.5 keeps an entry until more time than its TTL has passed. The contract ends it
    // exactly at its TTL, so lru-cache gets the next smaller number.
    this.#lru.set(ownKey, value, { size: charge, ttl: ttlMs * (1 - Number.EPSILON / 2) });
    this.#vacantSlots.recordSize(this.#lru.size);
    if (old instanceof entry.ExpiringValue) this.#expiry.remove(old);
    if (value instanceof entry.ExpiringValue) this.#expiry.setDeadline(value, this.#now + ttlMs);
  }

  /** Removes up to `limit` entries, but keeps the last `keep`; false when more must be removed. */
  #shrink(maxBytes: number, maxEntries: number, keep: number, limit: number): boolean {
    for (; this.#lru.size > keep; limit--) {
      const { size, calculatedSize } = this.#lru;
      const bytes = calculatedSize + this.#vacantSlots.charge(size);
      if (bytes <= maxBytes && size <= maxEntries) return true;
      if (limit <= 0) return false;
      if (!this.#removeExpired()) this.#lru.pop();
    }
    if (this.#lru.size === 0 && this.#vacantSlots.areCharged) {
      this.#lru = this.#createLru();
      this.#vacantSlots = new VacantSlots();
    }
    return true;
  }

  /** Removes the entry that expired first; false when none has expired. */
  #removeExpired(): boolean {
    const { first } = this.#expiry;
    if (first === undefined || this.nextDeadline > this.#now) return false;
    this.#expire(first.key);
    return true;
  }

  #expire(key: string): void {
    this.#lru.delete(key);
    this.#counts.expired++;
  }

  #deadlineOf(value: entry.LruValue): number {
    return value instanceof entry.ExpiringValue ? this.#expiry.deadlineOf(value) : Infinity;
  }
}
