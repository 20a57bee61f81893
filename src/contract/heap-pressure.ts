/** The runtime of the standalone executable; undefined in Node.js. */
const { Bun: bun } = globalThis as { Bun?: { gc(isSync: boolean): void } };

/** The garbage, in bytes, after which the heap is collected: this much, or a share of the process. */
const MIN_GARBAGE_BYTES = 8 * 2 ** 20;
const GARBAGE_SHARE = 1 / 16;

/** The garbage of one call, one read and one write on JavaScriptCore, without values, in bytes. */
export const CALL_GARBAGE_BYTES = 1_024;
export const READ_GARBAGE_BYTES = 256;
export const WRITE_GARBAGE_BYTES = 512;

let garbageBytes = 0;
let maxGarbageBytes = MIN_GARBAGE_BYTES;

/**
 * Adds up the bytes that operations and messages leave behind, and collects the heap when there are
 * too many. Does nothing on Node.js: V8 collects its heap in time.
 *
 * JavaScriptCore lets garbage grow to more than the size of the cache while the cache is filled
 * (measured: 110 to 190 MiB for a bound of 64 MiB), and an asynchronous collection does not keep
 * up. A synchronous one takes about 25 ms for 64 MiB of small entries, so a larger process
 * collects less often.
 */
export function recordGarbage(bytes: number): void {
  if (bun === undefined) return;
  garbageBytes += bytes;
  if (garbageBytes < maxGarbageBytes) return;
  garbageBytes = 0;
  bun.gc(true);
  maxGarbageBytes = Math.max(MIN_GARBAGE_BYTES, process.memoryUsage.rss() * GARBAGE_SHARE);
}
