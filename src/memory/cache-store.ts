import type { CacheStatistics } from "./statistics.js";

/** The limits of a store. */
export interface StoreLimits {
  /** The most memory that all entries take, bookkeeping included, in bytes. */
  readonly maxBytes: number;
  /** The most entries; unset: no limit. */
  readonly maxEntries?: number;
  /** The largest entry, key and value together, in bytes. */
  readonly maxEntryBytes: number;
}

/** An entry as {@link CacheStore.peek} returns it. */
export interface StoredEntry {
  readonly key: string;
  /** Bytes of key and value. */
  readonly size: number;
  /** What the entry is charged against `maxBytes`, in bytes. */
  readonly charge: number;
  /** When the entry expires, as a reading of the store's clock; Infinity for never. */
  readonly deadline: number;
  /** A copy of the value, made at each reading. Read it before the store changes. */
  readonly value: Uint8Array;
}

/** Where {@link CacheStore.keys} begins, and which way it goes. */
export interface KeyOrder {
  /** The most recently used first; by default the least recently used. */
  readonly newestFirst?: boolean | undefined;
  /** How many live keys to leave out at the beginning; much cheaper than to read them. */
  readonly skip?: number | undefined;
}

/**
 * Where a memory cache keeps its entries: keys with values and deadlines, in order of use,
 * within {@link StoreLimits}. `LruStore` (the default) and `BlockStore` implement it; implement
 * it to keep entries in another way.
 *
 * Every method is synchronous, so operations never interleave. Every implementation guarantees:
 *
 * - **Copies.** A store keeps its own copy of a value, and `get` returns a copy. It keeps
 *   no other memory of its caller alive.
 * - **Expiry.** An entry written at `t` with a TTL is expired when the clock reads `t + ttl`
 *   or more. From then on every method behaves as if it were absent, and its removal counts
 *   as `expired`, whichever method removes it.
 * - **Eviction.** When a write needs room, expired entries go first, then live ones in exact
 *   order of their last use. The removal of a live entry counts as `evicted`. The entry that
 *   is being written is never evicted.
 * - **Use.** `get`, `set`, the `makeRoom` before a `set`, and `touch` of a live key count as use;
 *   nothing else does.
 * - **Bound.** What the entries are charged never exceeds `maxBytes`, and their number never
 *   exceeds `maxEntries`, except while {@link CacheStore.resize} has returned false.
 *   A charge must cover the resident memory that an entry takes.
 *
 * A key is a well-formed Unicode string of any length, the empty string included. A key with a
 * lone surrogate has no UTF-8 form; every method fails with `invalid_argument` for it.
 */
export interface CacheStore {
  /** Returns a copy of the value of a live key; undefined for a missing or expired key. */
  get(key: string): Uint8Array | undefined;

  /**
   * Stores a copy of a value. Replaces both value and deadline of an existing entry.
   *
   * @param ttlMs - whole milliseconds from now; 0 for never
   * @throws CacheError `resource_exhausted` when the entry exceeds `maxEntryBytes`, or its charge
   *   exceeds `maxBytes`; the previous entry under the key stays
   */
  set(key: string, value: Uint8Array, ttlMs: number): void;

  /** Removes a key. Returns true only if the key was live. */
  delete(key: string): boolean;

  /**
   * Sets the TTL of a live key, counted from now. Returns false for a missing or expired key.
   * Returns false and evicts the entry when its charge with a TTL exceeds a `maxBytes` that was
   * lowered after the entry was written.
   *
   * @param ttlMs - whole milliseconds from now; 0 for never
   */
  touch(key: string, ttlMs: number): boolean;

  /** When the next entry expires, as a reading of the clock; Infinity for never. */
  readonly nextDeadline: number;

  /**
   * Removes up to `limit` expired entries, the earliest deadline first. To keep the event loop
   * free when many entries expire, callers pass a small `limit` and repeat the call.
   *
   * @returns true when no expired entry is left
   */
  reclaimExpired(limit: number): boolean;

  /**
   * Applies new limits in place. Removes up to `limit` entries that no longer fit: expired ones
   * first, then the least recently used.
   *
   * @returns true when all entries fit. After false, call it again with the same limits. Until
   *   then writes work, and each one removes at least as much as it adds.
   */
  resize(limits: StoreLimits, limit: number): boolean;

  /**
   * Removes up to `limit` of the entries that a {@link CacheStore.set} of this key would remove,
   * in the same order. An entry that the key has already makes room too, and stays. Callers use
   * it before they write a large value; otherwise the write could remove tens of thousands of
   * entries in one step.
   *
   * @param valueBytes - the length of the value
   * @returns true when there is room, and when the entry exceeds a limit: `set` then fails, and
   *   nothing is removed
   */
  makeRoom(key: string, valueBytes: number, limit: number): boolean;

  /**
   * The keys of all live entries in order of use. The order of use does not change. The store
   * must not be changed during the iteration.
   */
  keys(order?: KeyOrder): Iterable<string>;

  /** A live entry; undefined for a missing or expired key. Does not count as a use, hit or miss. */
  peek(key: string): StoredEntry | undefined;

  /** What the store holds now, and the counts of its operations since it was created. */
  statistics(): CacheStatistics;
}
