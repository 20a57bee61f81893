import type { StoredEntry, StoreLimits } from "../../src/memory/cache-store.js";
import type { StoreUnderTest } from "./stores.js";

interface ModelEntry {
  readonly key: string;
  readonly value: string;
  readonly deadline: number;
}

/** A stored entry whose value is text. */
type StoredEntryText = Omit<StoredEntry, "value"> & { readonly value: string };

/**
 * A simple model of a cache: a list, the least recently used entry first. Expired entries are
 * removed at once, and the first entries when the list is too long.
 */
export class CacheModel {
  entries: ModelEntry[] = [];
  /** The number of entries removed because their TTL was over. */
  expired = 0;
  #limits: StoreLimits;
  #chargeOf: StoreUnderTest["chargeOf"];

  constructor(limits: StoreLimits, chargeOf: StoreUnderTest["chargeOf"]) {
    this.#limits = limits;
    this.#chargeOf = chargeOf;
  }

  expire(now: number): void {
    const { length } = this.entries;
    this.entries = this.entries.filter((entry) => now < entry.deadline);
    this.expired += length - this.entries.length;
  }

  get(key: string): string | undefined {
    const entry = this.#take(key);
    if (entry) this.entries.push(entry);
    return entry?.value;
  }

  /** Returns false when the entry is too large. */
  set(key: string, value: string, deadline: number): boolean {
    const size = Buffer.byteLength(key) + Buffer.byteLength(value);
    // A Touch may give any entry a TTL, so the entry must fit with one.
    const charge = this.#charge({ key, value, deadline: 0 });
    if (size > this.#limits.maxEntryBytes || charge > this.#limits.maxBytes) return false;
    this.#take(key);
    this.entries.push({ key, value, deadline });
    this.#evict();
    return true;
  }

  delete(key: string): boolean {
    return this.#take(key) !== undefined;
  }

  touch(key: string, deadline: number): boolean {
    const entry = this.#take(key);
    if (entry === undefined || this.#charge({ ...entry, deadline }) > this.#limits.maxBytes) {
      return false;
    }
    this.entries.push({ ...entry, deadline });
    this.#evict();
    return true;
  }

  resize(limits: StoreLimits): void {
    this.#limits = limits;
    this.#evict();
  }

  /** Writes all entries anew, in order, under other limits and charges, as a move to another store. */
  move(limits: StoreLimits, chargeOf: StoreUnderTest["chargeOf"]): void {
    const { entries } = this;
    this.#limits = limits;
    this.#chargeOf = chargeOf;
    this.entries = [];
    for (const { key, value, deadline } of entries) this.set(key, value, deadline);
  }

  /** The entries as a store shows them. */
  get listed(): StoredEntryText[] {
    return this.entries.map((entry) => ({
      ...entry,
      size: Buffer.byteLength(entry.key) + Buffer.byteLength(entry.value),
      charge: this.#charge(entry),
    }));
  }

  get bytes(): number {
    return this.entries.reduce((sum, entry) => sum + this.#charge(entry), 0);
  }

  #evict(): void {
    const { maxBytes, maxEntries = Infinity } = this.#limits;
    while (this.bytes > maxBytes || this.entries.length > maxEntries) this.entries.shift();
  }

  #charge({ key, value, deadline }: ModelEntry): number {
    return this.#chargeOf(key, Buffer.byteLength(value), deadline !== Infinity);
  }

  #take(key: string): ModelEntry | undefined {
    const index = this.entries.findIndex((entry) => entry.key === key);
    return index < 0 ? undefined : this.entries.splice(index, 1)[0];
  }
}
