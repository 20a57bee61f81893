import type { StoreLimits } from "./cache-store.js";

/** The Map inside lru-cache throws at 2^24 keys, and at half of that when keys come and go. */
const MAX_KEYS = 2 ** 23;

/** The most entries that an lru-cache may hold under these limits. */
export function maxEntriesOf({ maxEntries = Infinity }: StoreLimits): number {
  return Math.min(maxEntries, MAX_KEYS);
}

/**
 * The arrays inside lru-cache (11.5) never shrink: a slot whose entry was removed keeps 8 bytes
 * in each of them. Slots above this number count against `maxBytes`.
 */
const UNCHARGED_SLOTS = 65_536;
const SLOT_BYTES = 64;

/** Counts the slots of an lru-cache that hold no entry. */
export class VacantSlots {
  #peakEntries = 0;

  /** Records the number of entries after a write. */
  recordSize(entries: number): void {
    this.#peakEntries = Math.max(this.#peakEntries, entries);
  }

  /** The charge for the vacant slots of a cache with this many entries, in bytes. */
  charge(entries: number): number {
    return Math.max(0, this.#peakEntries - entries - UNCHARGED_SLOTS) * SLOT_BYTES;
  }

  /** True when an empty cache should be replaced by a new one, to release its slots. */
  get areCharged(): boolean {
    return this.#peakEntries > UNCHARGED_SLOTS;
  }
}
