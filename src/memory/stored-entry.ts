/** An entry with all that is needed to write it again. */
export interface StoredEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** When it expires, as a reading of the clock; Infinity for never. */
  readonly deadline: number;
}
