/** The runtime of the standalone executable; undefined in Node.js. */
const { Bun: bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };

/** The garbage, in bytes, after which the heap is collected: this much, or a share of `maxBytes`. */
const MIN_GARBAGE_BYTES = 8 * 2 ** 20;
const GARBAGE_SHARE = 1 / 16;

/** The garbage of one read and one write on JavaScriptCore, without the value, in bytes. */
export const READ_GARBAGE_BYTES = 256;
export const WRITE_GARBAGE_BYTES = 512;

let garbageBytes = 0;

/**
 * Adds up the bytes that operations allocate, and collects the heap when there are too many.
 * Does nothing on Node.js: V8 collects its heap in time.
 *
 * JavaScriptCore lets garbage grow to more than the size of the cache while the cache is filled
 * (measured: 110 to 190 MiB for a bound of 64 MiB), and an asynchronous collection does not keep
 * up. A synchronous one takes about 25 ms for 64 MiB of small entries.
 *
 * @param maxBytes - the bound of the cache; a larger cache may have more garbage
 */
export function recordAllocation(bytes: number, maxBytes: number): void {
  if (bun === undefined) return;
  garbageBytes += bytes;
  if (garbageBytes < Math.max(MIN_GARBAGE_BYTES, maxBytes * GARBAGE_SHARE)) return;
  garbageBytes = 0;
  bun.gc(true);
}
