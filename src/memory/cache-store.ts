import type { CacheStatistics } from "./statistics.js";

/** The limits that a store keeps. */
export interface StoreLimits {
  /** Bound on the memory that all entries take, bookkeeping included, in bytes. */
  readonly maxBytes: number;
  /** Bound on the number of entries; unset: none. */
  readonly maxEntries?: number;
  /** Largest entry accepted, key and value together, in bytes. */
  readonly maxEntryBytes: number;
}

/** An entry as {@link CacheStore.peek} returns it. */
export interface StoredEntry {
  readonly key: string;
  /** Bytes of key and value. */
  readonly size: number;
  /** What it counts against `maxBytes`, in bytes. */
  readonly charge: number;
  /** When it expires, as a reading of the store's clock; Infinity for never. */
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
 * within {@link StoreLimits}. Implemented by `LruStore` (the default) and `BlockStore`;
 * implement it to keep entries in another way.
 *
 * Every method is one synchronous step, so no two of them interleave. What all
 * implementations guarantee:
 *
 * - **Copies.** A store keeps its own copy of a value, and `get` returns a copy. It keeps
 *   no other memory of its caller alive.
 * - **Expiry.** An entry written at `t` with a TTL is expired when the clock reads `t + ttl`
 *   or more. From then on every method behaves as if it were absent, and its removal counts
 *   as `expired`, whichever method removes it.
 * - **Eviction.** When a write needs room, expired entries go first, then live ones in exact
 *   order of their last use. The removal of a live entry counts as `evicted`. The entry that
 *   is being written is never evicted.
 * - **Use.** `get`, `set` and `touch` of a live key count as use; nothing else does.
 * - **Bound.** What the entries are charged never exceeds `maxBytes`, and their number never
 *   exceeds `maxEntries`, except while {@link CacheStore.resize} has returned false.
 *   A charge must cover the resident memory that an entry takes.
 *
 * Keys are well-formed Unicode of any length; a key with a lone surrogate has no UTF-8 form
 * and fails with `invalid_argument`.
 */
export interface CacheStore {
  /** A copy of the value of a live key; undefined for a missing or expired key. */
  get(key: string): Uint8Array | undefined;

  /**
   * Stores a copy of a value, replacing value and deadline.
   *
   * @param ttlMs - whole milliseconds from now; 0 for never
   * @throws CacheError `resource_exhausted` when the entry exceeds `maxEntryBytes`, or alone
   *   exceeds `maxBytes`; what was stored under the key stays
   */
  set(key: string, value: Uint8Array, ttlMs: number): void;

  /** Removes a key. True only if it was live. */
  delete(key: string): boolean;

  /**
   * Gives a live key a new TTL from now. False for a missing or expired key. An entry that a TTL
   * makes too large for the limits of a later resize is evicted, and false is returned.
   *
   * @param ttlMs - whole milliseconds from now; 0 for never
   */
  touch(key: string, ttlMs: number): boolean;

  /** When the next entry expires, as a reading of the clock; Infinity for never. */
  readonly nextDeadline: number;

  /**
   * Removes up to `limit` expired entries, the earliest deadline first. Callers keep `limit`
   * small and repeat the call, so that a mass expiry does not block the event loop.
   *
   * @returns true when no expired entry is left
   */
  reclaimExpired(limit: number): boolean;

  /**
   * Applies new limits in place, whatever is stored. Removes up to `limit` entries that no
   * longer fit: expired ones first, then by last use; the last few may fit after all.
   *
   * @returns true when all entries fit. After false, call it again with the same limits;
   *   until then writes work, but never add to the excess.
   */
  resize(limits: StoreLimits, limit: number): boolean;

  /**
   * Removes up to `limit` entries so that `bytes` more fit, as {@link CacheStore.set} would:
   * expired ones first, then by last use. Called before a large value is written, so that the
   * write itself need not remove tens of thousands of entries in one step.
   *
   * @returns true when there is room
   */
  makeRoom(bytes: number, limit: number): boolean;

  /**
   * The keys of all live entries in order of use. Counts as no use. The store must not change
   * while the iteration runs.
   */
  keys(order?: KeyOrder): Iterable<string>;

  /** A live entry; undefined for a missing or expired key. Counts as no use, hit or miss. */
  peek(key: string): StoredEntry | undefined;

  /** What the store holds, and what it did since it was made. */
  statistics(): CacheStatistics;
}
