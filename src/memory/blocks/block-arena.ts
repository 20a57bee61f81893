import { discardBuffer } from "../../contract/discard-buffer.js";

/**
 * Implementation notes.
 *
 * The memory of the cache is divided into blocks of one size. An entry is a chain of blocks; a
 * separate table links each block to the next. Memory does not fragment, because any free block
 * fits any entry: the arena never needs more blocks than its entries have. The overhead is half a
 * block per entry on average and a link of four bytes per block. Both are charged to the entry.
 *
 * Blocks lie in segments outside the garbage-collected heap. A segment is allocated when needed
 * and released when empty, so a bound on blocks is a bound on resident memory, under churn too. A
 * heap of strings was measured at twice its live size.
 *
 * The free blocks of each segment are linked too, and a freed run goes back in its order. Values
 * are therefore mostly contiguous, and a copy moves whole runs.
 */

/** The size of a block: small, for short values, and a multiple of a word. */
export const BLOCK_BYTES = 48;

/** The memory that a block takes: its bytes and its link. */
export const BLOCK_COST_BYTES = BLOCK_BYTES + 4;

/** The id for "no block". */
export const NO_BLOCK = -1;

const BLOCK_WORDS = BLOCK_BYTES / 4;
const SEGMENT_SHIFT = 12;
const SEGMENT_BLOCKS = 1 << SEGMENT_SHIFT;
const SEGMENT_MASK = SEGMENT_BLOCKS - 1;

/** The number of empty segments kept, so that a size that varies does not allocate each time. */
const SPARE_SEGMENTS = 4;

/** Up to this many bytes a loop is faster than a call of a bulk copy. */
const LOOP_COPY_BYTES = 48;

class Segment {
  readonly bytes = new Uint8Array(SEGMENT_BLOCKS * BLOCK_BYTES);
  readonly words = new Int32Array(this.bytes.buffer);
  /** For each block, the id of the next one in its chain or in the free list. */
  readonly next = new Int32Array(SEGMENT_BLOCKS);
  freeHead: number;
  freeCount = SEGMENT_BLOCKS;

  constructor(firstBlock: number) {
    for (let i = 0; i < SEGMENT_BLOCKS - 1; i++) this.next[i] = firstBlock + i + 1;
    this.next[SEGMENT_BLOCKS - 1] = NO_BLOCK;
    this.freeHead = firstBlock;
  }

  /**
   * Releases the memory at once. The garbage collector does not see how much memory a small
   * object holds, and would keep it resident while new segments are allocated.
   */
  discard(): void {
    discardBuffer(this.bytes.buffer);
    discardBuffer(this.next.buffer);
  }
}

/**
 * Chains of fixed-size blocks. The id of a chain is that of its first block. A byte offset counts
 * from the first byte of the first block. Arguments are not checked: callers must stay within the
 * chains that they allocated.
 */
export class BlockArena {
  readonly #segments: (Segment | undefined)[] = [];
  /** The indexes of released segments in the table. */
  readonly #gaps: number[] = [];
  /** The segments with free blocks. New blocks come from the last one. */
  readonly #withFreeBlocks: Segment[] = [];
  #usedBlocks = 0;
  #emptySegments = 0;
  #allocatedSegments = 0;

  /** The number of blocks in chains. */
  get usedBlocks(): number {
    return this.#usedBlocks;
  }

  /** The memory of all segments, free blocks included, in bytes. */
  get allocatedBytes(): number {
    return this.#allocatedSegments * SEGMENT_BLOCKS * BLOCK_COST_BYTES;
  }

  /** A word of the chain's first block, which contains the header of an entry. */
  word(chain: number, index: number): number {
    return this.#segment(chain).words[(chain & SEGMENT_MASK) * BLOCK_WORDS + index] as number;
  }

  setWord(chain: number, index: number, value: number): void {
    this.#segment(chain).words[(chain & SEGMENT_MASK) * BLOCK_WORDS + index] = value;
  }

  /** Allocates a chain of `count` blocks, at least one. Their content is arbitrary. */
  allocate(count: number): number {
    const first = this.#takeBlock();
    this.#append(first, count - 1);
    return first;
  }

  /** Frees a whole chain. */
  release(chain: number): void {
    this.#releaseFrom(chain);
  }

  /** Lengthens or shortens a chain. The blocks that stay keep their content. */
  resize(chain: number, count: number, newCount: number): void {
    if (newCount === count) return;
    let last = chain;
    for (let i = Math.min(count, newCount); i > 1; i--) last = this.#next(last);
    if (newCount > count) {
      this.#append(last, newCount - count);
    } else {
      const surplus = this.#next(last);
      this.#setNext(last, NO_BLOCK);
      this.#releaseFrom(surplus);
    }
  }

  /** Copies the first `length` bytes of `source` to `offset` in the chain. */
  write(chain: number, offset: number, source: Uint8Array, length: number): void {
    let copied = 0;
    let { block, within } = this.#seek(chain, offset);
    while (copied < length) {
      const run = this.#run(block, within + length - copied);
      const size = Math.min(run.bytes - within, length - copied);
      const segment = this.#segment(block);
      const at = (block & SEGMENT_MASK) * BLOCK_BYTES + within;
      copyBytes(source, copied, segment.bytes, at, size);
      copied += size;
      block = run.after;
      within = 0;
    }
  }

  /** Copies `target.length` bytes from `offset` in the chain to `target`. */
  read(chain: number, offset: number, target: Uint8Array): void {
    const length = target.length;
    let copied = 0;
    let { block, within } = this.#seek(chain, offset);
    while (copied < length) {
      const run = this.#run(block, within + length - copied);
      const size = Math.min(run.bytes - within, length - copied);
      const segment = this.#segment(block);
      const at = (block & SEGMENT_MASK) * BLOCK_BYTES + within;
      copyBytes(segment.bytes, at, target, copied, size);
      copied += size;
      block = run.after;
      within = 0;
    }
  }

  /** True when the chain holds the first `length` bytes of `expected` at `offset`. */
  equals(chain: number, offset: number, expected: Uint8Array, length: number): boolean {
    let compared = 0;
    let { block, within } = this.#seek(chain, offset);
    while (compared < length) {
      const { bytes } = this.#segment(block);
      const size = Math.min(BLOCK_BYTES - within, length - compared);
      const at = (block & SEGMENT_MASK) * BLOCK_BYTES + within;
      for (let i = 0; i < size; i++) {
        if (bytes[at + i] !== expected[compared + i]) return false;
      }
      compared += size;
      block = this.#next(block);
      within = 0;
    }
    return true;
  }

  #segment(block: number): Segment {
    return this.#segments[block >>> SEGMENT_SHIFT] as Segment;
  }

  #next(block: number): number {
    return this.#segment(block).next[block & SEGMENT_MASK] as number;
  }

  #setNext(block: number, next: number): void {
    this.#segment(block).next[block & SEGMENT_MASK] = next;
  }

  /** The block that contains `offset`, and the offset within it. */
  #seek(chain: number, offset: number): { block: number; within: number } {
    let block = chain;
    let within = offset;
    while (within >= BLOCK_BYTES) {
      block = this.#next(block);
      within -= BLOCK_BYTES;
    }
    return { block, within };
  }

  /** The run of contiguous blocks from `block` on, no longer than `bytesWanted` needs. */
  #run(block: number, bytesWanted: number): { bytes: number; after: number } {
    const { next } = this.#segment(block);
    let bytes = BLOCK_BYTES;
    let last = block;
    let after = next[last & SEGMENT_MASK] as number;
    while (bytes < bytesWanted && after === last + 1 && (after & SEGMENT_MASK) !== 0) {
      last = after;
      bytes += BLOCK_BYTES;
      after = next[last & SEGMENT_MASK] as number;
    }
    return { bytes, after };
  }

  #append(last: number, count: number): void {
    for (; count > 0; count--) {
      const block = this.#takeBlock();
      this.#setNext(last, block);
      last = block;
    }
    this.#setNext(last, NO_BLOCK);
  }

  #takeBlock(): number {
    const segment = this.#withFreeBlocks.at(-1) ?? this.#addSegment();
    const block = segment.freeHead;
    segment.freeHead = segment.next[block & SEGMENT_MASK] as number;
    if (segment.freeCount === SEGMENT_BLOCKS) this.#emptySegments--;
    if (--segment.freeCount === 0) this.#withFreeBlocks.pop();
    this.#usedBlocks++;
    return block;
  }

  #addSegment(): Segment {
    const index = this.#gaps.pop() ?? this.#segments.length;
    const segment = new Segment(index << SEGMENT_SHIFT);
    this.#segments[index] = segment;
    this.#withFreeBlocks.push(segment);
    this.#emptySegments++;
    this.#allocatedSegments++;
    return segment;
  }

  #releaseFrom(first: number): void {
    let head = first;
    while (head !== NO_BLOCK) {
      // The part of the chain in one segment is freed as one run, in its order.
      const index = head >>> SEGMENT_SHIFT;
      const segment = this.#segments[index] as Segment;
      let tail = head;
      let count = 1;
      let after = segment.next[tail & SEGMENT_MASK] as number;
      while (after !== NO_BLOCK && after >>> SEGMENT_SHIFT === index) {
        tail = after;
        count++;
        after = segment.next[tail & SEGMENT_MASK] as number;
      }
      if (segment.freeCount === 0) this.#withFreeBlocks.push(segment);
      segment.next[tail & SEGMENT_MASK] = segment.freeHead;
      segment.freeHead = head;
      segment.freeCount += count;
      this.#usedBlocks -= count;
      if (segment.freeCount === SEGMENT_BLOCKS) this.#segmentEmptied(segment, index);
      head = after;
    }
  }

  #segmentEmptied(segment: Segment, index: number): void {
    if (this.#emptySegments < SPARE_SEGMENTS) {
      this.#emptySegments++;
      return;
    }
    this.#segments[index] = undefined;
    segment.discard();
    this.#gaps.push(index);
    this.#withFreeBlocks.splice(this.#withFreeBlocks.lastIndexOf(segment), 1);
    this.#allocatedSegments--;
  }
}

function copyBytes(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  to: number,
  length: number,
): void {
  if (length <= LOOP_COPY_BYTES) {
    for (let i = 0; i < length; i++) target[to + i] = source[from + i] as number;
  } else {
    target.set(source.subarray(from, from + length), to);
  }
}
