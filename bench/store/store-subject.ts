/** The stores that are compared inside one process: this project's two, and plain lru-cache. */
export const STORE_SUBJECTS = ["lru", "blocks", "lru-cache", "lru-cache, copying"] as const;

/** One of {@link STORE_SUBJECTS}. */
export type StoreSubject = (typeof STORE_SUBJECTS)[number];

/** One run: a store with this many entries of this size. */
export interface StoreQuestion {
  readonly subject: StoreSubject;
  readonly entries: number;
  readonly valueBytes: number;
  /** How long each operation is repeated, in seconds. */
  readonly seconds: number;
}

/** The figures of the run. */
export interface StoreAnswer {
  readonly getsPerSecond: number;
  readonly setsPerSecond: number;
}
