/** The size of a buffer that small values share, in bytes. */
const SLAB_BYTES = 8 * 1024;

/** A larger value, in bytes, gets its own buffer. */
const MAX_SHARED_BYTES = 1024;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * Allocates memory for a value to be returned. Small values share a slab, because a separate
 * allocation takes longer than the rest of a Get (measured: 500 ns and more, against 50). A
 * value that a caller keeps also keeps its slab in memory.
 */
export function createValueBuffer(length: number): Uint8Array<ArrayBuffer> {
  if (length > MAX_SHARED_BYTES) return new Uint8Array(length);
  const start = reserve(length);
  return new Uint8Array(slab.buffer, start, length);
}

/** The bytes of a latin1 string, one per character, allocated as {@link createValueBuffer} does. */
export function valueFromLatin1(text: string): Uint8Array<ArrayBuffer> {
  const { length } = text;
  if (length > MAX_SHARED_BYTES) {
    const { buffer } = Buffer.allocUnsafeSlow(length);
    Buffer.from(buffer).write(text, "latin1");
    return new Uint8Array(buffer);
  }
  const start = reserve(length);
  slab.write(text, start, "latin1");
  return new Uint8Array(slab.buffer, start, length);
}

/** Reserves bytes in the slab, or in a new one, and returns their offset. */
function reserve(length: number): number {
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += length;
  return start;
}
