import { BLOCK_BYTES, BLOCK_COST_BYTES } from "./block-arena.js";

/**
 * How an entry lies in its chain of blocks: a header of words, then the key's
 * UTF-8 bytes, then the value. The first block's id is the entry's id.
 */
export const HEADER = {
  /** The key's hash. */
  hash: 0,
  /** The next entry in the same bucket of the index. */
  bucketNext: 1,
  /** The entry used just after this one. */
  newer: 2,
  /** The entry used just before this one. */
  older: 3,
  /** The entry's position in the expiry heap. */
  heapPosition: 4,
  keyBytes: 5,
  valueBytes: 6,
} as const;

/** Where the key begins. */
export const KEY_OFFSET = 7 * 4;

/** What the index holds for an entry: at most two buckets of four bytes. */
const INDEX_COST_BYTES = 8;

/**
 * What the expiry heap holds for an entry: a deadline and an id. Charged
 * whether or not the entry has a TTL, so that a Touch never needs room.
 */
const EXPIRY_COST_BYTES = 12;

/**
 * The garbage that JavaScriptCore lets gather in proportion to the cache (standalone executable).
 * Blocks lie outside the heap, so V8's garbage does not depend on their number.
 */
const GARBAGE_FACTOR = "Bun" in globalThis ? 1.1 : 1;

/** How many blocks an entry takes. */
export function blocksForEntry(keyBytes: number, valueBytes: number): number {
  return Math.ceil((KEY_OFFSET + keyBytes + valueBytes) / BLOCK_BYTES);
}

/**
 * What an entry is charged against `maxBytes`: the memory that it takes, its
 * header, links, index and expiry slots included, in bytes.
 */
export function entryCharge(blocks: number): number {
  const bytes = blocks * BLOCK_COST_BYTES + INDEX_COST_BYTES + EXPIRY_COST_BYTES;
  return Math.ceil(bytes * GARBAGE_FACTOR);
}
