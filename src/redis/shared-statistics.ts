import type { CacheStatistics } from "../memory/statistics.js";

/** What a shared cache did in this process since it was configured. Counts never go back. */
export interface SharedFigures {
  /** Reads that the near cache answered. */
  readonly nearHits: number;
  /** Reads that the server answered with a value. */
  readonly remoteHits: number;
  /** Messages of the server that entries have changed. */
  readonly invalidations: number;
  /** Connections that were made after another one was lost. */
  readonly reconnects: number;
}

/**
 * The figures of a cache. With a server behind it, `entries`, `bytes`, `maxBytes`, `expired` and
 * `evicted` describe the near cache, the other counts what this process asked of the server, and
 * they do not add up: other processes write as well. `overwrites` is 0, since the server does not
 * report them.
 */
export interface SharedCacheStatistics extends CacheStatistics {
  /** Undefined for a cache without a server. */
  readonly shared?: SharedFigures;
}
