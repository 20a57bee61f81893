import { LRUCache } from "lru-cache";
import type { Clock } from "../contract/clock.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import type { CacheStore, StoredEntry, StoreLimits } from "./cache-store.js";
import { ChunkedArray } from "./chunked-array.js";
import { MAX_CACHE_BYTES } from "./config-schema.js";
import { copyOfKept, discardKept, entryCharge, keepValue, type KeptValue } from "./entry-charge.js";
import { assertEntryFits } from "./entry-limits.js";
import { ExpiryHeap, NOT_IN_HEAP } from "./expiry-heap.js";
import { createOperationCounts, type CacheStatistics, type OperationCounts } from "./statistics.js";
import { assertStorableKey, keyByteLength } from "./storable-key.js";

/** The Map inside lru-cache throws at 2^24 keys, and at half of that when keys come and go. */
const MAX_KEYS = 2 ** 23;

/** A value with a TTL: it knows its key and its position in the expiry heap. */
class ExpiringValue {
  position = NOT_IN_HEAP;

  constructor(
    readonly key: string,
    readonly value: KeptValue,
  ) {}
}

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

  readonly #lru = new LRUCache<string, KeptValue | ExpiringValue>({
    // maxSize is fixed at construction (11.5), but limits change in place. So it is the largest
    // limit that can be configured, and #makeRoom keeps the one in force.
    maxSize: MAX_CACHE_BYTES,
    // lru-cache takes a start time of 0 as "no TTL" (11.5).
    perf: { now: () => this.#clock.now() || Number.MIN_VALUE },
    // By default lru-cache reads the clock once a millisecond, so time stops within a batch.
    ttlResolution: 0,
    // lru-cache replaces only a value that differs, so set() and touch() look after the old one.
    noDisposeOnSet: true,
    dispose: (value, _key, reason) => {
      if (value instanceof ExpiringValue) this.#expiry.remove(value);
      discardKept(keptOf(value));
      if (reason === "evict") this.#counts.evicted++;
      else if (reason === "expire") this.#counts.expired++;
    },
  });

  /**
   * The values with a TTL in order of their deadlines. lru-cache 11.5 finds expired entries only
   * by a scan of all of them (200 ms and more for a million), and evicts a live entry while
   * expired ones take up room.
   */
  readonly #expiry = new ExpiryHeap<ExpiringValue>(
    new ChunkedArray((length) => new Array<ExpiringValue>(length)),
    { get: (item) => item.position, set: (item, position) => (item.position = position) },
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
    return copyOfKept(keptOf(value));
  }

  set(key: string, value: Uint8Array, ttlMs: number): void {
    const size = keyByteLength(key) + value.length;
    // With a TTL, whether it has one or not, so that a later touch() cannot lack room.
    assertEntryFits(this.#limits, this.#counts, key, size, entryCharge(size, true));
    const old = this.#use(key);
    this.#store(key, keepValue(value), ttlMs, old);
    if (old !== undefined) {
      this.#counts.overwrites++;
      discardKept(keptOf(old));
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
    this.#store(key, keptOf(value), ttlMs, value);
    this.#counts.touches++;
    return true;
  }

  get nextDeadline(): number {
    return this.#expiry.nextDeadline;
  }

  reclaimExpired(limit: number): boolean {
    while (limit-- > 0 && this.#removeExpired());
    return this.nextDeadline > this.#clock.now();
  }

  resize(limits: StoreLimits, limit: number): boolean {
    this.#limits = limits;
    while (this.#exceeds(limits.maxBytes, this.#maxEntries)) {
      if (limit-- <= 0) return false;
      this.#removeOne();
    }
    return true;
  }

  *entries(): Generator<StoredEntry> {
    type Pair = [string, KeptValue | ExpiringValue];
    for (const [key, value] of this.#lru.rentries() as Iterable<Pair>) {
      const deadline = value instanceof ExpiringValue ? this.#expiry.deadlineOf(value) : Infinity;
      yield { key, value: copyOfKept(keptOf(value)), deadline };
    }
  }

  statistics(): CacheStatistics {
    return {
      entries: this.#lru.size,
      bytes: this.#lru.calculatedSize,
      maxBytes: this.#limits.maxBytes,
      ...this.#counts,
    };
  }

  /** The live value of a key, which becomes the most recently used; removes an expired one. */
  #use(key: string): KeptValue | ExpiringValue | undefined {
    assertStorableKey(key);
    return this.#lru.get(key);
  }

  /** Stores a value and its TTL in the place of `old`, the live value of the key, if any. */
  #store(key: string, kept: KeptValue, ttlMs: number, old?: KeptValue | ExpiringValue): void {
    const value = ttlMs === NEVER_EXPIRES ? kept : new ExpiringValue(key, kept);
    const charge = chargeOf(key, value);
    // `old` was used just now, and what was used last is evicted last.
    if (old === undefined) this.#makeRoom(charge, 1);
    else this.#makeRoom(charge - chargeOf(key, old), 0);
    this.#lru.set(key, value, { size: charge, ttl: lruTtl(ttlMs) });
    if (old instanceof ExpiringValue) this.#expiry.remove(old);
    if (value instanceof ExpiringValue) {
      this.#expiry.setDeadline(value, this.#clock.now() + ttlMs);
    }
  }

  /** Makes room for more bytes and entries; while a resize is unfinished, only as much as is added. */
  #makeRoom(bytes: number, entries: number): void {
    const maxBytes = Math.max(this.#limits.maxBytes, this.#lru.calculatedSize) - bytes;
    const maxEntries = Math.max(this.#maxEntries, this.#lru.size) - entries;
    while (this.#exceeds(maxBytes, maxEntries)) this.#removeOne();
  }

  get #maxEntries(): number {
    return Math.min(this.#limits.maxEntries ?? Infinity, MAX_KEYS);
  }

  #exceeds(maxBytes: number, maxEntries: number): boolean {
    return this.#lru.calculatedSize > maxBytes || this.#lru.size > maxEntries;
  }

  /** Removes an expired entry, or if there is none the least recently used one. */
  #removeOne(): void {
    if (!this.#removeExpired()) this.#lru.pop();
  }

  /** Removes the entry that expired first; false when none has expired. */
  #removeExpired(): boolean {
    const { first } = this.#expiry;
    if (first === undefined || this.nextDeadline > this.#clock.now()) return false;
    this.#lru.delete(first.key);
    this.#counts.expired++;
    return true;
  }
}

function keptOf(value: KeptValue | ExpiringValue): KeptValue {
  return value instanceof ExpiringValue ? value.value : value;
}

function chargeOf(key: string, value: KeptValue | ExpiringValue): number {
  const size = Buffer.byteLength(key) + keptOf(value).length;
  return entryCharge(size, value instanceof ExpiringValue);
}

/**
 * A TTL for lru-cache 11.5, which keeps an entry until more time than its TTL has passed. The
 * contract ends an entry exactly at its TTL, so lru-cache gets the next smaller number.
 */
function lruTtl(ttlMs: number): number {
  return ttlMs * (1 - Number.EPSILON / 2);
}
