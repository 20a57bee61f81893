import { getHeapStatistics } from "node:v8";
import { CacheError } from "../../contract/cache-error.js";
import { formatByteSize } from "./byte-size.js";
import type { MemoryCacheConfig } from "./memory-cache-config.js";

/** What the process needs besides the cache: its code, calls in flight, and the garbage of both. */
const RUNTIME_BYTES = 64 * 2 ** 20;

/** How much memory a process may have, in bytes; Infinity for no limit. */
interface MemoryLimits {
  /** The JavaScript heap: a share of the machine's or container's memory unless a flag says more. */
  readonly heapBytes: number;
  /** The container or control group. */
  readonly containerBytes: number;
}

/** The limits of this process. */
function processMemoryLimits(): MemoryLimits {
  // 0 or a number beyond any machine's memory when there is no limit.
  const constrained = process.constrainedMemory();
  return {
    // The standalone executable (Bun) does not limit its heap.
    heapBytes: "Bun" in globalThis ? Infinity : getHeapStatistics().heap_size_limit,
    containerBytes: constrained > 0 ? constrained : Infinity,
  };
}

/**
 * Refuses a bound that this process cannot keep, since it would end with an out-of-memory abort
 * once its caches are full.
 *
 * @param caches - how many caches with this configuration the process holds
 * @throws CacheError `invalid_argument` that names the bound, the limit and the ways out
 */
export function assertMemoryHolds(
  { maxBytes, store }: MemoryCacheConfig,
  caches = 1,
  { heapBytes, containerBytes }: MemoryLimits = processMemoryLimits(),
): void {
  const neededBytes = caches * maxBytes + RUNTIME_BYTES;
  const refuse = (what: string, limitBytes: number, wayOut: string): never => {
    const largest = Math.floor(Math.max(0, limitBytes - RUNTIME_BYTES) / caches / 2 ** 20);
    const bound = caches === 1 ? "" : `${caches} x `;
    throw new CacheError(
      "invalid_argument",
      `invalid config: /maxBytes: ${bound}${formatByteSize(maxBytes)} does not fit into the ${what}, ` +
        `which is limited to ${formatByteSize(limitBytes)} and needs ${formatByteSize(RUNTIME_BYTES)} ` +
        `for the process itself: use at most ${largest}MiB, or ${wayOut}`,
    );
  };
  if (neededBytes > containerBytes) {
    refuse("container's memory", containerBytes, "give the container more memory");
  }
  if (store !== "blocks" && neededBytes > heapBytes) {
    const heapMiB = Math.ceil(neededBytes / 2 ** 20);
    const wayOut =
      "use store: blocks, which keeps entries outside the heap, or raise the heap with " +
      `NODE_OPTIONS=--max-old-space-size=${heapMiB}`;
    refuse("JavaScript heap", heapBytes, wayOut);
  }
}
