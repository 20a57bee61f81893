/**
 * What a cache holds now, and the counts of its operations since it was created or last cleared.
 * Between two clearings, counts never decrease.
 *
 * `entries` = `sets` - `overwrites` - `deletes` - `expired` - `evicted`. `hits` + `misses` is the
 * number of keys read.
 */
export interface CacheStatistics {
  /** Entries held now. An expired entry counts until it is removed. */
  readonly entries: number;
  /** The charge of all entries, in bytes; above `maxBytes` only while a lower bound is applied. */
  readonly bytes: number;
  /** The limit on `bytes`. */
  readonly maxBytes: number;
  /** Keys read that were live. */
  readonly hits: number;
  /** Keys read that were missing or expired. */
  readonly misses: number;
  /** Entries written. */
  readonly sets: number;
  /** Writes that replaced a live entry. */
  readonly overwrites: number;
  /** Live entries that a Delete or DeleteMany removed. */
  readonly deletes: number;
  /** Live entries that a Touch found. */
  readonly touches: number;
  /** Entries removed because their TTL was over. */
  readonly expired: number;
  /** Live entries removed to make room. */
  readonly evicted: number;
  /** Writes that failed because the entry was too large. */
  readonly refused: number;
}

/** The counts of {@link CacheStatistics}, incremented in place. */
export type OperationCounts = {
  -readonly [Name in Exclude<keyof CacheStatistics, "entries" | "bytes" | "maxBytes">]: number;
};

/** Creates counts that are all zero. */
export function createOperationCounts(): OperationCounts {
  return {
    hits: 0,
    misses: 0,
    sets: 0,
    overwrites: 0,
    deletes: 0,
    touches: 0,
    expired: 0,
    evicted: 0,
    refused: 0,
  };
}
