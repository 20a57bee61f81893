import { blocksForEntry, entryCost } from "../../src/memory/entry-layout.js";
import type { MemoryCacheConfig } from "../../src/memory/memory-cache-config.js";

interface ModelEntry {
  readonly key: string;
  readonly value: string;
  readonly deadline: number;
}

/** What an entry costs; the one figure that the model shares with the store. */
export function costOf(key: string, valueBytes: number): number {
  return entryCost(blocksForEntry(Buffer.byteLength(key), valueBytes));
}

/**
 * The cache as one would explain it: a list, least recently used first, from
 * which the expired vanish by themselves and the first ones when it is too long.
 */
export class CacheModel {
  entries: ModelEntry[] = [];

  constructor(private readonly limits: MemoryCacheConfig) {}

  expire(now: number): void {
    this.entries = this.entries.filter((entry) => now < entry.deadline);
  }

  get(key: string): string | undefined {
    const entry = this.#take(key);
    if (entry) this.entries.push(entry);
    return entry?.value;
  }

  /** False when the entry is refused. */
  set(key: string, value: string, deadline: number): boolean {
    const cost = costOf(key, Buffer.byteLength(value));
    const size = Buffer.byteLength(key) + Buffer.byteLength(value);
    if (size > this.limits.maxEntryBytes || cost > this.limits.maxBytes) return false;
    this.#take(key);
    this.entries.push({ key, value, deadline });
    while (
      this.bytes > this.limits.maxBytes ||
      this.entries.length > (this.limits.maxEntries ?? Infinity)
    ) {
      this.entries.shift();
    }
    return true;
  }

  delete(key: string): boolean {
    return this.#take(key) !== undefined;
  }

  touch(key: string, deadline: number): boolean {
    const entry = this.#take(key);
    if (entry) this.entries.push({ ...entry, deadline });
    return entry !== undefined;
  }

  get bytes(): number {
    let sum = 0;
    for (const { key, value } of this.entries) sum += costOf(key, Buffer.byteLength(value));
    return sum;
  }

  #take(key: string): ModelEntry | undefined {
    const index = this.entries.findIndex((entry) => entry.key === key);
    return index < 0 ? undefined : this.entries.splice(index, 1)[0];
  }
}
