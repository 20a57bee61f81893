/** What the standalone executable runs on; undefined in Node.js. */
const { Bun: bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };

/** Garbage that may gather before the heap is collected, in bytes; more beside a large cache. */
const MIN_GARBAGE_BYTES = 8 * 2 ** 20;
const GARBAGE_SHARE = 1 / 16;

/** What one read and one write leave behind on JavaScriptCore besides the value, in bytes. */
export const READ_GARBAGE_BYTES = 256;
export const WRITE_GARBAGE_BYTES = 512;

let garbageBytes = 0;

/**
 * Counts what an operation allocated, and collects the heap when too much has gathered.
 *
 * JavaScriptCore lets garbage grow to more than the size of the cache while it is filled
 * (measured: 110 to 190 MiB for a bound of 64 MiB), and an asynchronous collection does not keep
 * up. A synchronous one takes about 25 ms for 64 MiB of small entries. V8 needs no such help.
 *
 * @param maxBytes - the bound of the cache: a larger cache may have more garbage beside it
 */
export function noteAllocation(bytes: number, maxBytes: number): void {
  if (bun === undefined) return;
  garbageBytes += bytes;
  if (garbageBytes < Math.max(MIN_GARBAGE_BYTES, maxBytes * GARBAGE_SHARE)) return;
  garbageBytes = 0;
  bun.gc(true);
}
