import { totalmem } from "node:os";
import { CacheError } from "../../contract/cache-error.js";
import { formatByteSize } from "./byte-size.js";
import type { MemoryCacheConfig } from "./memory-cache-config.js";

/** The memory that a process needs besides the cache: for code, calls in flight and garbage. */
const RUNTIME_BYTES = 64 * 2 ** 20;

/**
 * How much of V8's heap limit is for new objects only, in bytes, beyond the 48 MiB of earlier
 * versions. V8 13 (Node.js 24) has 192 MiB. Entries cannot use it: they survive, and move on.
 */
const EXTRA_YOUNG_BYTES = Number.parseInt(process.versions.v8, 10) >= 13 ? 144 * 2 ** 20 : 0;

/** The most memory that a process may use, in bytes; Infinity for no limit. */
interface MemoryLimits {
  /** The limit of the JavaScript heap: a share of the machine's memory, or what a flag sets. */
  readonly heapBytes: number;
  /** The limit of the container or control group. */
  readonly containerBytes: number;
  /** The memory of the machine. */
  readonly machineBytes: number;
}

function processMemoryLimits(): MemoryLimits {
  // Without a limit, 0 or a number above the memory of any machine.
  const constrained = process.constrainedMemory();
  return {
    heapBytes: heapLimit(),
    containerBytes: constrained > 0 ? constrained : Infinity,
    machineBytes: totalmem(),
  };
}

function heapLimit(): number {
  // The standalone executable (Bun) does not limit its heap.
  if ("Bun" in globalThis) return Infinity;
  const { getHeapStatistics } = process.getBuiltinModule("node:v8");
  return getHeapStatistics().heap_size_limit - EXTRA_YOUNG_BYTES;
}

/**
 * Checks that this process can hold the bound. Otherwise it would abort, out of memory, once its
 * caches are full.
 *
 * @param caches - the number of caches with this configuration in the process
 * @throws CacheError `invalid_argument`; the message names the bound, the limit and the ways out
 */
export function assertMemoryHolds(
  { maxBytes, store }: MemoryCacheConfig,
  caches = 1,
  { heapBytes, containerBytes, machineBytes }: MemoryLimits = processMemoryLimits(),
): void {
  const neededBytes = caches * maxBytes + RUNTIME_BYTES;
  const refuse = (what: string, limitBytes: number, wayOut: string): never => {
    const largestMiB = Math.floor((limitBytes - RUNTIME_BYTES) / caches / 2 ** 20);
    const smaller = largestMiB > 0 ? `use at most ${largestMiB}MiB, or ` : "";
    const bound = caches === 1 ? "" : `${caches} x `;
    throw new CacheError(
      "invalid_argument",
      `invalid config: /maxBytes: ${bound}${formatByteSize(maxBytes)} does not fit into the ${what}, ` +
        `which is limited to ${formatByteSize(limitBytes)}, of which the process itself needs ` +
        `${formatByteSize(RUNTIME_BYTES)}: ${smaller}${wayOut}`,
    );
  };
  if (neededBytes > containerBytes) {
    refuse("container's memory", containerBytes, "raise the memory limit of the container");
  }
  if (neededBytes > machineBytes) {
    refuse("machine's memory", machineBytes, "run it on a machine with more memory");
  }
  if (store !== "blocks" && neededBytes > heapBytes) {
    const heapMiB = Math.ceil(neededBytes / 2 ** 20);
    const wayOut =
      "use store: blocks, which keeps entries outside the heap, or raise the heap limit with " +
      `NODE_OPTIONS=--max-old-space-size=${heapMiB}`;
    refuse("JavaScript heap", heapBytes, wayOut);
  }
}
