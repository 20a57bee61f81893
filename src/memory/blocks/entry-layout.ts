import { BLOCK_BYTES, BLOCK_COST_BYTES } from "./block-arena.js";

/**
 * The layout of an entry in its chain of blocks: a header of 32-bit words, the key's UTF-8 bytes,
 * the value. These are the words of the header, by index.
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

/** The offset of the key, in bytes. */
export const KEY_OFFSET = 7 * 4;

/** The memory that an entry takes in the index: at most two buckets of four bytes. */
const INDEX_COST_BYTES = 8;

/**
 * The memory that an entry takes in the expiry heap: a deadline and an id. It is charged without
 * a TTL too, so that a Touch never needs room.
 */
const EXPIRY_COST_BYTES = 12;

/**
 * Covers what the runtime and the allocator keep beside the blocks. JavaScriptCore (standalone
 * executable) lets garbage grow with the process. V8's garbage does not: blocks lie outside its heap.
 */
const CHARGED_PERCENT = "Bun" in globalThis ? 135 : 110;

/** The number of blocks of an entry. */
export function blocksForEntry(keyBytes: number, valueBytes: number): number {
  return Math.ceil((KEY_OFFSET + keyBytes + valueBytes) / BLOCK_BYTES);
}

/**
 * The charge of an entry against `maxBytes`, in bytes: the memory that it takes, with its header,
 * its links and its places in the index and the expiry heap.
 */
export function entryCharge(blocks: number): number {
  const bytes = blocks * BLOCK_COST_BYTES + INDEX_COST_BYTES + EXPIRY_COST_BYTES;
  return Math.ceil((bytes * CHARGED_PERCENT) / 100);
}
