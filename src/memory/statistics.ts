/**
 * What a cache holds and did since it was made. Counts never go back.
 *
 * They add up: `entries` = `sets` - `overwrites` - `deletes` - `expired` -
 * `evicted`, and `hits` + `misses` is the number of keys read.
 */
export interface CacheStatistics {
  /** Entries held now; expired ones count until they are reclaimed. */
  readonly entries: number;
  /** What the entries are charged now, in bytes; never above `maxBytes`. */
  readonly bytes: number;
  /** The bound, in bytes. */
  readonly maxBytes: number;
  /** Reads that found a live entry. */
  readonly hits: number;
  /** Reads that did not. */
  readonly misses: number;
  /** Entries written. */
  readonly sets: number;
  /** Those of the writes that replaced a live entry. */
  readonly overwrites: number;
  /** Live entries removed on demand. */
  readonly deletes: number;
  /** Live entries touched. */
  readonly touches: number;
  /** Entries gone because of time. */
  readonly expired: number;
  /** Entries gone because of space. */
  readonly evicted: number;
  /** Writes refused because the entry was too large. */
  readonly refused: number;
}

/** The counting half of {@link CacheStatistics}, counted up in place. */
export type OperationCounts = {
  -readonly [Name in Exclude<keyof CacheStatistics, "entries" | "bytes" | "maxBytes">]: number;
};

/** Counts that all stand at zero. */
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
