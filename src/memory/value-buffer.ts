/** What is allocated at once for small values, in bytes. */
const SLAB_BYTES = 8 * 1024;

/** Values above this size, in bytes, get memory of their own. */
const MAX_SHARED_BYTES = 1024;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * Memory for a value that is about to be returned. Small values share a slab: an allocation
 * of its own was measured to take longer than the rest of a Get (500 ns and more, against 50).
 * A value that is kept keeps its slab alive.
 */
export function createValueBuffer(length: number): Uint8Array<ArrayBuffer> {
  if (length > MAX_SHARED_BYTES) return new Uint8Array(length);
  const start = reserve(length);
  return new Uint8Array(slab.buffer, start, length);
}

/** A value from a string that holds one byte in each character; shares slabs in the same way. */
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

/** Takes room in the slab, or in a new one; returns where it starts. */
function reserve(length: number): number {
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += length;
  return start;
}
