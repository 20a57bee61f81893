import { discardBuffer } from "../../contract/discard-buffer.js";
import { recordGarbage } from "../../contract/heap-pressure.js";

/** Whether this is the standalone executable. */
const isBun = "Bun" in globalThis;

/** The bytes of released buffers after which V8 collects young objects, which takes 0.3 ms. */
const BYTES_BETWEEN_COLLECTIONS = 4 * 2 ** 20;

/** The smallest buffer, in bytes, that is worth the microseconds of a release. */
const MIN_RELEASED_BYTES = 65_536;

let isLimited = false;
let releasedBytes = 0;
let collect: (() => void) | undefined;

/**
 * Keeps the memory that the runtime uses beside the cache small, and independent of the size of
 * the cache. It changes the whole process, so only processes that do nothing but serve call it,
 * as early as possible.
 *
 * - V8 lets garbage grow in proportion to all memory that its heap references, the cache's
 *   blocks included: a cache of 256 MiB full of 10-byte values was measured with 92 MiB of
 *   garbage, and with 5 MiB when the growth is limited to a tenth.
 * - V8 lets the part of the heap for new objects grow to 32 MiB and more. The objects of a call
 *   do not survive it, and a small part stays in the processor's cache: without growth, Sets of
 *   10 kB were measured a third faster, in 28 MiB less.
 * - The compiler Maglev, which V8 13 (Node.js 24) uses by default, keeps 4 to 12 MiB in its
 *   threads. Code that runs often is compiled again by TurboFan in any case.
 */
export function limitHeapGarbage(): void {
  isLimited = true;
  // JavaScriptCore has no such flags.
  if (isBun) return;
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--heap-growing-percent=10");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--no-maglev");
}

/**
 * Releases a large buffer that nothing else uses any more. V8 frees a buffer that has outlived two
 * collections of young objects only with its whole heap, so four clients that each write batches of
 * 2 MB made a cache of 64 MiB grow by another 40 MiB.
 *
 * @param bytes - a view; a small buffer, or one of which the view is a part, is left to the collector
 */
export function releaseBuffer(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (byteLength >= MIN_RELEASED_BYTES && byteLength === buffer.byteLength) {
    discardBuffer(buffer as ArrayBuffer);
  }
  // Also for one that is free at once: HTTP/2 leaves as much garbage for each message.
  noteReleasedBuffers(byteLength);
}

/**
 * Counts buffers of requests and replies that are no longer needed, and collects garbage when
 * there are many. V8 itself waits for 32 MiB of them, whatever the size of its heap. Does
 * nothing unless {@link limitHeapGarbage} has been called.
 */
export function noteReleasedBuffers(bytes: number): void {
  if (!isLimited) return;
  recordGarbage(bytes);
  if (isBun) return;
  releasedBytes += bytes;
  if (releasedBytes < BYTES_BETWEEN_COLLECTIONS) return;
  releasedBytes = 0;
  collect ??= exposeCollection();
  collect();
}

function exposeCollection(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  const { runInNewContext } = process.getBuiltinModule("node:vm");
  setFlagsFromString("--expose-gc");
  const collectHeap = runInNewContext("gc") as (options: { type: "minor" }) => void;
  setFlagsFromString("--no-expose-gc");
  return () => {
    collectHeap({ type: "minor" });
  };
}
