import { LRUCache } from "lru-cache";
import type { Clock } from "../contract/clock.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import type { CacheStore, KeyOrder, StoredEntry, StoreLimits } from "./cache-store.js";
import { ChunkedArray } from "./chunked-array.js";
import { MAX_CACHE_BYTES } from "./config/config-schema.js";
import * as kept from "./entry-charge.js";
import { entryCharge, ExpiringValue, keptOf, type LruValue } from "./entry-charge.js";
import { assertEntryFits } from "./entry-limits.js";
import { ExpiryHeap } from "./expiry-heap.js";
import { createOperationCounts, type CacheStatistics, type OperationCounts } from "./statistics.js";
import { assertStorableKey, keyByteLength } from "./storable-key.js";

/** The Map inside lru-cache throws at 2^24 keys, and at half of that when keys come and go. */
const MAX_KEYS = 2 ** 23;

/**
 * The arrays inside lru-cache (11.5) never shrink: a slot whose entry was removed keeps 8 bytes in
 * each of them. These bytes count against `maxBytes` when there are more such slots than this.
 */
const UNCOUNTED_SLOTS = 65_536;
const SLOT_BYTES = 64;

/**
 * The default store: an `lru-cache` with a size and a TTL for each entry.
 *
 * lru-cache keeps the entries in order of use, adds up their sizes, evicts the least recently
 * used, and treats an entry as absent once its TTL is over. Where the contract (see
 * docs/semantics.md) asks for more, a comment gives the reason and the version that was measured.
 */
export class LruStore implements CacheStore {
  #limits: StoreLimits;
  readonly #clock: Clock;
  readonly #counts: OperationCounts;
  /** The clock's reading when the current operation began: an operation has one time. */
  #now = 0;
  /** The most entries that `#lru` has held. */
  #peakEntries = 0;
  #lru = this.#createLru();

  /**
   * The values with a TTL in order of their deadlines. lru-cache 11.5 finds expired entries only
   * by a scan of all of them (200 ms and more for a million), and evicts a live entry while
   * expired ones take up room.
   */
  readonly #expiry = new ExpiryHeap<ExpiringValue>(
    new ChunkedArray((length) => new Array<ExpiringValue>(length)),
    { get: (value) => value.position, set: (value, position) => (value.position = position) },
  );

  /** @param counts - where to count; given when this store replaces another one */
  constructor(limits: StoreLimits, clock: Clock, counts = createOperationCounts()) {
    this.#limits = limits;
    this.#clock = clock;
    this.#counts = counts;
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#use(key);
    if (value === undefined) {
      this.#counts.misses++;
      return undefined;
    }
    this.#counts.hits++;
    return kept.copyOfKept(keptOf(value));
  }

  set(key: string, value: Uint8Array, ttlMs: number): void {
    const size = keyByteLength(key) + value.length;
    // The charge with a TTL, whether it has one or not, so that touch() has room for one.
    const charge = entryCharge(key, value.length, true);
    assertEntryFits(this.#limits, this.#counts, key, size, charge);
    const old = this.#use(key);
    this.#store(key, kept.keepValue(value), ttlMs, old);
    if (old !== undefined) {
      this.#counts.overwrites++;
      kept.discardKept(keptOf(old));
    }
    this.#counts.sets++;
  }

  delete(key: string): boolean {
    // lru-cache 11.5 answers true for an expired entry.
    if (this.#use(key) === undefined) return false;
    this.#counts.deletes++;
    return this.#lru.delete(key);
  }

  touch(key: string, ttlMs: number): boolean {
    const value = this.#use(key);
    if (value === undefined) return false;
    if (entryCharge(key, keptOf(value).length, ttlMs > 0) > this.#limits.maxBytes) {
      // Only after a resize to hardly more than this entry.
      this.#lru.delete(key);
      this.#counts.evicted++;
      return false;
    }
    this.#store(key, keptOf(value), ttlMs, value);
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
    return this.makeRoom(0, limit);
  }

  makeRoom(bytes: number, limit: number): boolean {
    this.#now = this.#clock.now();
    const maxBytes = this.#limits.maxBytes - bytes;
    while (this.#lru.size > 0 && this.#exceeds(maxBytes, this.#maxEntries)) {
      if (limit-- <= 0) return false;
      this.#removeOne();
    }
    return true;
  }

  *keys({ newestFirst = false, skip = 0 }: KeyOrder = {}): Generator<string> {
    this.#now = this.#clock.now();
    const entries = newestFirst ? this.#lru.entries() : this.#lru.rentries();
    for (const [key, value] of entries as Iterable<[string, LruValue]>) {
      if (this.#deadlineOf(value) > this.#now && skip-- <= 0) yield key;
    }
  }

  peek(key: string): StoredEntry | undefined {
    assertStorableKey(key);
    this.#now = this.#clock.now();
    const value = this.#lru.peek(key);
    const deadline = value === undefined ? 0 : this.#deadlineOf(value);
    if (value === undefined || deadline <= this.#now) return undefined;
    const held = keptOf(value);
    return {
      key,
      size: keyByteLength(key) + held.length,
      charge: chargeOf(key, value),
      deadline,
      get value() {
        return kept.copyOfKept(held);
      },
    };
  }

  statistics(): CacheStatistics {
    const { size: entries, calculatedSize: bytes } = this.#lru;
    return { entries, bytes, maxBytes: this.#limits.maxBytes, ...this.#counts };
  }

  #createLru(): LRUCache<string, LruValue> {
    return new LRUCache({
      // maxSize and max cannot change after construction (11.5), but the limits do. So maxSize is
      // the largest limit that can be configured, and #makeRoomFor keeps those in force.
      maxSize: MAX_CACHE_BYTES,
      // lru-cache takes a start time of 0 as "no TTL" (11.5).
      perf: { now: () => this.#now || Number.MIN_VALUE },
      // By default lru-cache reads the clock once a millisecond, so time stops within a batch.
      ttlResolution: 0,
      // lru-cache replaces only a value that differs, so set() and touch() look after the old one.
      noDisposeOnSet: true,
      dispose: (value, _key, reason) => {
        if (value instanceof ExpiringValue) this.#expiry.remove(value);
        kept.discardKept(keptOf(value));
        if (reason === "evict") this.#counts.evicted++;
        else if (reason === "expire") this.#counts.expired++;
      },
    });
  }

  /** The live value of a key, which becomes the most recently used; removes an expired one. */
  #use(key: string): LruValue | undefined {
    assertStorableKey(key);
    this.#now = this.#clock.now();
    const value = this.#lru.get(key);
    if (value === undefined || this.#deadlineOf(value) > this.#now) return value;
    // Sums of fractions round differently in lru-cache and here.
    this.#expire(key);
    return undefined;
  }

  /** Stores a value and its TTL in the place of `old`, the live value of the key, if any. */
  #store(key: string, keptValue: kept.KeptValue, ttlMs: number, old?: LruValue): void {
    const ownKey = old instanceof ExpiringValue ? old.key : kept.ownKey(key);
    const value = ttlMs === NEVER_EXPIRES ? keptValue : new ExpiringValue(ownKey, keptValue);
    const charge = chargeOf(key, value);
    this.#makeRoomFor(key, charge, old);
    this.#lru.set(ownKey, value, { size: charge, ttl: lruTtl(ttlMs) });
    this.#peakEntries = Math.max(this.#peakEntries, this.#lru.size);
    if (old instanceof ExpiringValue) this.#expiry.remove(old);
    if (value instanceof ExpiringValue) this.#expiry.setDeadline(value, this.#now + ttlMs);
  }

  /** Makes room for an entry; while a resize is unfinished, only as much as it adds. */
  #makeRoomFor(key: string, charge: number, old?: LruValue): void {
    const bytes = charge - (old === undefined ? 0 : chargeOf(key, old));
    const entries = old === undefined ? 1 : 0;
    const maxBytes = Math.max(this.#limits.maxBytes, this.#lru.calculatedSize) - bytes;
    const maxEntries = Math.max(this.#maxEntries, this.#lru.size) - entries;
    // `old` was used just now, so it is the last one to be evicted, and stays.
    const last = old === undefined ? 0 : 1;
    while (this.#lru.size > last && this.#exceeds(maxBytes, maxEntries)) this.#removeOne();
  }

  get #maxEntries(): number {
    return Math.min(this.#limits.maxEntries ?? Infinity, MAX_KEYS);
  }

  #exceeds(maxBytes: number, maxEntries: number): boolean {
    const { size, calculatedSize } = this.#lru;
    const vacantSlots = Math.max(0, this.#peakEntries - size - UNCOUNTED_SLOTS);
    return calculatedSize + vacantSlots * SLOT_BYTES > maxBytes || size > maxEntries;
  }

  /** Removes an expired entry, or if there is none the least recently used one. */
  #removeOne(): void {
    if (!this.#removeExpired()) this.#lru.pop();
    if (this.#lru.size > 0 || this.#peakEntries <= UNCOUNTED_SLOTS) return;
    this.#lru = this.#createLru();
    this.#peakEntries = 0;
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

  #deadlineOf(value: LruValue): number {
    return value instanceof ExpiringValue ? this.#expiry.deadlineOf(value) : Infinity;
  }
}

function chargeOf(key: string, value: LruValue): number {
  return entryCharge(key, keptOf(value).length, value instanceof ExpiringValue);
}

/**
 * A TTL for lru-cache 11.5, which keeps an entry until more time than its TTL has passed. The
 * contract ends an entry exactly at its TTL, so lru-cache gets the next smaller number.
 */
function lruTtl(ttlMs: number): number {
  return ttlMs * (1 - Number.EPSILON / 2);
}
