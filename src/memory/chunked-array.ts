/** The number of elements in a chunk. The array grows by one chunk at a time. */
const CHUNK_SHIFT = 12;
const CHUNK_LENGTH = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_LENGTH - 1;

/** An array, or a typed array, in which undefined becomes 0. */
interface Chunk<T> {
  [index: number]: T | undefined;
}

/**
 * A stack that grows and shrinks by whole chunks. Growth copies nothing, so no push pauses the
 * process. A pop releases chunks that are no longer needed, except one.
 */
export class ChunkedArray<T> {
  readonly #createChunk: (length: number) => Chunk<T>;
  readonly #chunks: Chunk<T>[] = [];
  #length = 0;

  /** @param createChunk - creates a chunk with the given number of elements */
  constructor(createChunk: (length: number) => Chunk<T>) {
    this.#createChunk = createChunk;
  }

  get length(): number {
    return this.#length;
  }

  /** The element at `index`, which must be below the length. */
  get(index: number): T {
    return (this.#chunks[index >>> CHUNK_SHIFT] as Chunk<T>)[index & CHUNK_MASK] as T;
  }

  /** Replaces the element at `index`, which must be below the length. */
  set(index: number, value: T): void {
    (this.#chunks[index >>> CHUNK_SHIFT] as Chunk<T>)[index & CHUNK_MASK] = value;
  }

  push(value: T): void {
    const chunk = this.#length >>> CHUNK_SHIFT;
    if (chunk === this.#chunks.length) this.#chunks.push(this.#createChunk(CHUNK_LENGTH));
    this.#length++;
    this.set(this.#length - 1, value);
  }

  /** Removes and returns the last element; the array must not be empty. */
  pop(): T {
    const value = this.get(--this.#length);
    // Otherwise the chunk would keep a popped object in memory.
    (this.#chunks[this.#length >>> CHUNK_SHIFT] as Chunk<T>)[this.#length & CHUNK_MASK] = undefined;
    const chunksNeeded = (this.#length + CHUNK_MASK) >>> CHUNK_SHIFT;
    if (this.#chunks.length > chunksNeeded + 1) this.#chunks.pop();
    return value;
  }
}

/** A {@link ChunkedArray} of 32-bit signed integers, 4 bytes each, outside the heap. */
export function createInt32Array(): ChunkedArray<number> {
  return new ChunkedArray((length) => new Int32Array(length));
}

/** A {@link ChunkedArray} of doubles, 8 bytes each, outside the heap. */
export function createFloat64Array(): ChunkedArray<number> {
  return new ChunkedArray((length) => new Float64Array(length));
}
