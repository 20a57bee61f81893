/** Elements a chunk. A chunk is what one growth step allocates. */
const CHUNK_SHIFT = 12;
const CHUNK_LENGTH = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_LENGTH - 1;

/**
 * A stack of numbers outside the garbage-collected heap that grows and shrinks
 * by whole chunks. Nothing is ever copied, so no push pauses the process, and
 * what was popped is given back but for one spare chunk.
 */
export class ChunkedArray {
  #chunks: (Int32Array | Float64Array)[] = [];
  #length = 0;

  constructor(private readonly createChunk: (length: number) => Int32Array | Float64Array) {}

  get length(): number {
    return this.#length;
  }

  /** The element at `index`, which must be below the length. */
  get(index: number): number {
    return (this.#chunks[index >>> CHUNK_SHIFT] as Int32Array)[index & CHUNK_MASK] as number;
  }

  /** Replaces the element at `index`, which must be below the length. */
  set(index: number, value: number): void {
    (this.#chunks[index >>> CHUNK_SHIFT] as Int32Array)[index & CHUNK_MASK] = value;
  }

  push(value: number): void {
    const chunk = this.#length >>> CHUNK_SHIFT;
    if (chunk === this.#chunks.length) this.#chunks.push(this.createChunk(CHUNK_LENGTH));
    this.#length++;
    this.set(this.#length - 1, value);
  }

  /** Removes and returns the last element; the array must not be empty. */
  pop(): number {
    const value = this.get(--this.#length);
    const chunksNeeded = (this.#length + CHUNK_MASK) >>> CHUNK_SHIFT;
    if (this.#chunks.length > chunksNeeded + 1) this.#chunks.pop();
    return value;
  }
}

/** A {@link ChunkedArray} of 32-bit signed integers, 4 bytes each. */
export function createInt32Array(): ChunkedArray {
  return new ChunkedArray((length) => new Int32Array(length));
}

/** A {@link ChunkedArray} of doubles, 8 bytes each. */
export function createFloat64Array(): ChunkedArray {
  return new ChunkedArray((length) => new Float64Array(length));
}
