import { NO_BLOCK, type BlockArena } from "./block-arena.js";
import { createInt32Array } from "../chunked-array.js";
import { HEADER, KEY_OFFSET } from "./entry-layout.js";

/**
 * A hash table that finds entries by key. A bucket is a chain of entries, linked through their
 * headers.
 *
 * It grows and shrinks by linear hashing, one bucket at a time. A table that doubles blocks the
 * process while it is rehashed (measured on a built-in Map: 440 ms at a million entries), and
 * needs memory for two tables meanwhile. The number of keys is limited only by that of block ids.
 */
export class KeyIndex {
  readonly #arena: BlockArena;
  /** The first entry of each bucket. */
  readonly #buckets = createInt32Array();
  /** The largest power of two that is not above the number of buckets. */
  #halfSize = 1;
  #size = 0;

  constructor(arena: BlockArena) {
    this.#arena = arena;
    this.#buckets.push(NO_BLOCK);
  }

  /** The number of entries in the index. */
  get size(): number {
    return this.#size;
  }

  /** The entry with this key, given as bytes and their hash; NO_BLOCK if there is none. */
  find(hash: number, key: Uint8Array, keyBytes: number): number {
    const arena = this.#arena;
    let entry = this.#buckets.get(this.#bucketOf(hash));
    while (entry !== NO_BLOCK) {
      if (
        arena.word(entry, HEADER.hash) === hash &&
        arena.word(entry, HEADER.keyBytes) === keyBytes &&
        arena.equals(entry, KEY_OFFSET, key, keyBytes)
      ) {
        return entry;
      }
      entry = arena.word(entry, HEADER.bucketNext);
    }
    return NO_BLOCK;
  }

  /** Adds an entry. Its header must contain its hash, and its key must not be in the index. */
  insert(entry: number): void {
    this.#link(entry, this.#bucketOf(this.#arena.word(entry, HEADER.hash)));
    this.#size++;
    if (this.#size > this.#buckets.length) this.#splitBucket();
  }

  /** Removes an entry, which must be in the index. */
  remove(entry: number): void {
    const arena = this.#arena;
    const bucket = this.#bucketOf(arena.word(entry, HEADER.hash));
    const after = arena.word(entry, HEADER.bucketNext);
    let other = this.#buckets.get(bucket);
    if (other === entry) {
      this.#buckets.set(bucket, after);
    } else {
      let before = other;
      while ((other = arena.word(before, HEADER.bucketNext)) !== entry) before = other;
      arena.setWord(before, HEADER.bucketNext, after);
    }
    this.#size--;
    if (this.#buckets.length > 2 * this.#size && this.#buckets.length > 1) this.#mergeBucket();
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (2 * this.#halfSize - 1);
    return bucket < this.#buckets.length ? bucket : hash & (this.#halfSize - 1);
  }

  #link(entry: number, bucket: number): void {
    this.#arena.setWord(entry, HEADER.bucketNext, this.#buckets.get(bucket));
    this.#buckets.set(bucket, entry);
  }

  /** Adds a bucket, and moves to it the entries that belong there from the bucket that it halves. */
  #splitBucket(): void {
    const added = this.#buckets.length;
    const halved = added - this.#halfSize;
    let entry = this.#buckets.get(halved);
    this.#buckets.set(halved, NO_BLOCK);
    this.#buckets.push(NO_BLOCK);
    while (entry !== NO_BLOCK) {
      const after = this.#arena.word(entry, HEADER.bucketNext);
      this.#link(entry, this.#bucketOf(this.#arena.word(entry, HEADER.hash)));
      entry = after;
    }
    if (this.#buckets.length === 2 * this.#halfSize) this.#halfSize *= 2;
  }

  /** Removes the last bucket: the reverse of a split. */
  #mergeBucket(): void {
    let entry = this.#buckets.pop();
    if (this.#buckets.length < this.#halfSize) this.#halfSize /= 2;
    const target = this.#buckets.length - this.#halfSize;
    while (entry !== NO_BLOCK) {
      const after = this.#arena.word(entry, HEADER.bucketNext);
      this.#link(entry, target);
      entry = after;
    }
  }
}
