/** A key and its value. */
export interface CacheEntry {
  /** Any well-formed Unicode string, the empty string included. */
  readonly key: string;
  /** Opaque bytes; may be empty. */
  readonly value: Uint8Array;
}

/** Options of a write. */
export interface CacheSetOptions {
  /** Time to live from now, in milliseconds. Unset or 0: the entry never expires. */
  readonly ttlMs?: number | undefined;
}
