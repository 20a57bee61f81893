/** What is allocated at once for small values, in bytes. */
const SLAB_BYTES = 8 * 1024;

/** Values above this size, in bytes, get memory of their own. */
const MAX_SHARED_BYTES = 1024;

let slab = new ArrayBuffer(0);
let used = 0;

/**
 * Memory for a value that is about to be answered. Small ones share a slab: an
 * allocation of its own was measured to take longer than all the rest of a Get
 * (500 ns and more, against 50). A value that is kept keeps its slab.
 */
export function createValueBuffer(length: number): Uint8Array {
  if (length > MAX_SHARED_BYTES) return new Uint8Array(length);
  if (used + length > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const value = new Uint8Array(slab, used, length);
  used += length;
  return value;
}
