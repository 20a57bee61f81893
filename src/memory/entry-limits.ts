import type { MemoryCacheConfig } from "./memory-cache-config.js";

/**
 * The limit that an entry would break, as the end of a sentence; undefined when it
 * may be stored.
 *
 * @param size - key and value together, in bytes
 * @param cost - the memory that it takes, in bytes
 */
export function brokenLimit(
  { maxBytes, maxEntryBytes }: MemoryCacheConfig,
  size: number,
  cost: number,
): string | undefined {
  if (size > maxEntryBytes) return `is ${size} bytes, above maxEntryBytes (${maxEntryBytes})`;
  if (cost > maxBytes) return `takes ${cost} bytes of memory, above maxBytes (${maxBytes})`;
  return undefined;
}
