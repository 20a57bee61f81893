/** One key with its value, as batches take them. */
export interface CacheEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** How an entry is written. */
export interface CacheSetOptions {
  /** Time to live from now, in milliseconds; unset or 0: the entry never expires. */
  readonly ttlMs?: number | undefined;
}
