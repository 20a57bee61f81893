import { CacheError, quoteKey } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import { BlockArena, NO_BLOCK } from "./block-arena.js";
import { blocksForEntry, entryCost, HEADER, KEY_OFFSET } from "./entry-layout.js";
import { ExpiryQueue } from "./expiry-queue.js";
import { KeyEncoder } from "./key-encoder.js";
import { createKeyHash, type KeyHash } from "./key-hash.js";
import { KeyIndex } from "./key-index.js";
import { brokenLimit } from "./entry-limits.js";
import type { MemoryCacheConfig } from "./memory-cache-config.js";
import { RecencyList } from "./recency-list.js";
import type { StoredEntry } from "./stored-entry.js";
import { createValueBuffer } from "./value-buffer.js";
import { BLOCKS_PER_CALL, fillInSlices, REMOVALS_PER_CALL } from "./sliced-write.js";
import { createOperationCounts, type CacheStatistics, type OperationCounts } from "./statistics.js";

/**
 * Implementation notes.
 *
 * An entry is a chain of blocks in the arena; its id is that of its first block.
 * Three structures hold it, all through words of its header: the index (by
 * key), the recency list (by use) and the expiry queue (by deadline). `#insert`
 * and `#remove` are the only places where an entry enters and leaves them.
 *
 * What looks like a defect and is not:
 * - An expired entry is reclaimed by whoever meets it first: a read, a write
 *   that needs room, or the sweeper. All three count it as expired.
 * - A write evicts only when nothing is left that has expired, because an
 *   expired entry is worth nothing and a live one may be.
 * - `set` may give up half-way, see {@link EntryStore.set}.
 */

/** Entries under keys, least recently used first to go, within a bound on memory. */
export class EntryStore {
  readonly #limits: MemoryCacheConfig;
  readonly #clock: Clock;
  readonly #counts: OperationCounts;
  readonly #hash: KeyHash;
  readonly #key = new KeyEncoder();
  readonly #arena = new BlockArena();
  readonly #index = new KeyIndex(this.#arena);
  readonly #recency = new RecencyList(this.#arena);
  readonly #expiry = new ExpiryQueue(this.#arena);
  #bytes = 0;

  /** @param counts - where to count; given when a store takes over from another */
  constructor(
    limits: MemoryCacheConfig,
    clock: Clock,
    counts: OperationCounts = createOperationCounts(),
    hash = createKeyHash(),
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#counts = counts;
    this.#hash = hash;
  }

  /** A copy of the value of a live key; counts as a use. */
  get(key: string): Uint8Array | undefined {
    const entry = this.#findLive(this.#key.encode(key), this.#clock.now());
    if (entry === NO_BLOCK) {
      this.#counts.misses++;
      return undefined;
    }
    this.#counts.hits++;
    this.#recency.use(entry);
    return this.#readValue(entry);
  }

  /**
   * Stores a copy of a value, replacing value and TTL.
   *
   * Answers false when that would hold the event loop for long, because of its size
   * or because room for it takes more than {@link REMOVALS_PER_CALL} removals. Then
   * nothing is written yet, and the caller goes on with {@link setInSlices}.
   *
   * @param ttlMs - whole milliseconds from now; 0 for never
   * @throws CacheError `resource_exhausted` when the entry is above a limit;
   *   what was stored before stays
   */
  set(key: string, value: Uint8Array, ttlMs: number): boolean {
    const now = this.#clock.now();
    const keyBytes = this.#key.encode(key);
    const blocks = blocksForEntry(keyBytes, value.length);
    const broken = brokenLimit(this.#limits, keyBytes + value.length, entryCost(blocks));
    if (broken !== undefined) {
      this.#counts.refused++;
      throw new CacheError("resource_exhausted", `entry too large: key ${quoteKey(key)} ${broken}`);
    }
    if (blocks > BLOCKS_PER_CALL) return false;
    const hash = this.#hash(this.#key.bytes, keyBytes);
    let entry = this.#findLiveHashed(hash, keyBytes, now);
    // The newest is evicted last, so making room cannot take this entry's old version.
    if (entry !== NO_BLOCK) this.#recency.use(entry);
    if (!this.#makeRoom(entry, blocks, now)) return false;

    this.#counts.sets++;
    if (entry === NO_BLOCK) {
      entry = this.#insert(hash, keyBytes, blocks);
    } else {
      this.#counts.overwrites++;
      const oldBlocks = this.#blocksOf(entry);
      this.#arena.resize(entry, oldBlocks, blocks);
      this.#bytes += entryCost(blocks) - entryCost(oldBlocks);
    }
    this.#writeValue(entry, keyBytes, value);
    this.#expiry.setDeadline(entry, deadlineFrom(now, ttlMs));
    return true;
  }

  /**
   * Does what {@link set} has answered false for, and yields wherever others may go
   * first. What was stored under the key is gone before a very large value is there.
   */
  *setInSlices(key: string, value: Uint8Array, ttlMs: number): Generator<undefined, void> {
    const blocks = blocksForEntry(this.#key.encode(key), value.length);
    while (!this.set(key, value, ttlMs) && blocks <= BLOCKS_PER_CALL) yield;
    if (blocks <= BLOCKS_PER_CALL) return;
    while (!this.#makeRoom(NO_BLOCK, blocks, this.#clock.now())) yield;
    // Held from now on, so that no other write takes the room meanwhile.
    this.#bytes += entryCost(blocks);
    const entry = this.#arena.allocate(1);
    const keyBytes = this.#key.encode(key);
    yield* fillInSlices(this.#arena, entry, blocks, KEY_OFFSET + keyBytes, value);

    const now = this.#clock.now();
    const old = this.#findLive(this.#key.encode(key), now);
    if (old !== NO_BLOCK) this.#remove(old);
    this.#bytes -= entryCost(blocks);
    while (!this.#makeRoom(NO_BLOCK, blocks, now));
    this.#counts.sets++;
    if (old !== NO_BLOCK) this.#counts.overwrites++;
    this.#insert(this.#hash(this.#key.bytes, keyBytes), keyBytes, blocks, entry);
    this.#arena.setWord(entry, HEADER.valueBytes, value.length);
    this.#expiry.setDeadline(entry, deadlineFrom(now, ttlMs));
  }

  /** Removes a key; true only if a live entry was there. */
  delete(key: string): boolean {
    const entry = this.#findLive(this.#key.encode(key), this.#clock.now());
    if (entry === NO_BLOCK) return false;
    this.#remove(entry);
    this.#counts.deletes++;
    return true;
  }

  /** Gives a live key a new TTL from now, 0 for never; counts as a use. */
  touch(key: string, ttlMs: number): boolean {
    const now = this.#clock.now();
    const entry = this.#findLive(this.#key.encode(key), now);
    if (entry === NO_BLOCK) return false;
    this.#expiry.setDeadline(entry, deadlineFrom(now, ttlMs));
    this.#recency.use(entry);
    this.#counts.touches++;
    return true;
  }

  /** When the next entry expires, as a reading of the clock; Infinity for never. */
  get nextDeadline(): number {
    return this.#expiry.nextDeadline;
  }

  /** Removes up to `limit` expired entries; true when none is left. */
  reclaimExpired(limit: number): boolean {
    const now = this.#clock.now();
    for (; limit > 0; limit--) {
      if (this.#expiry.nextDeadline > now) return true;
      this.#expire(this.#expiry.first);
    }
    return this.#expiry.nextDeadline > now;
  }

  /**
   * Takes over the entries of another store, which counts in the same place and is
   * not used afterwards. What does not fit counts as evicted. Copies all at once.
   */
  adopt(other: EntryStore): void {
    other.reclaimExpired(Infinity);
    const now = this.#clock.now();
    for (const { key, value, deadline } of other.entries()) {
      const keyBytes = this.#key.encode(key);
      const blocks = blocksForEntry(keyBytes, value.length);
      if (brokenLimit(this.#limits, keyBytes + value.length, entryCost(blocks)) !== undefined) {
        this.#counts.evicted++;
        continue;
      }
      while (!this.#makeRoom(NO_BLOCK, blocks, now));
      const entry = this.#insert(this.#hash(this.#key.bytes, keyBytes), keyBytes, blocks);
      this.#writeValue(entry, keyBytes, value);
      this.#expiry.setDeadline(entry, deadline);
    }
  }

  /** All entries, expired ones not yet reclaimed included, the least recently used first. */
  *entries(): Generator<StoredEntry> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let entry = this.#recency.oldest;
    for (; entry !== NO_BLOCK; entry = this.#recency.newerThan(entry)) {
      const key = new Uint8Array(this.#arena.word(entry, HEADER.keyBytes));
      this.#arena.read(entry, KEY_OFFSET, key);
      const deadline = this.#expiry.deadlineOf(entry);
      yield { key: decoder.decode(key), value: this.#readValue(entry), deadline };
    }
  }

  statistics(): CacheStatistics {
    return {
      entries: this.#index.size,
      bytes: this.#bytes,
      maxBytes: this.#limits.maxBytes,
      ...this.#counts,
    };
  }

  #findLive(keyBytes: number, now: number): number {
    return this.#findLiveHashed(this.#hash(this.#key.bytes, keyBytes), keyBytes, now);
  }

  /** The live entry with the encoded key; an expired one is reclaimed and not found. */
  #findLiveHashed(hash: number, keyBytes: number, now: number): number {
    const entry = this.#index.find(hash, this.#key.bytes, keyBytes);
    if (entry === NO_BLOCK || this.#expiry.deadlineOf(entry) > now) return entry;
    this.#expire(entry);
    return NO_BLOCK;
  }

  #readValue(entry: number): Uint8Array {
    const value = createValueBuffer(this.#arena.word(entry, HEADER.valueBytes));
    const offset = KEY_OFFSET + this.#arena.word(entry, HEADER.keyBytes);
    this.#arena.read(entry, offset, value);
    return value;
  }

  #writeValue(entry: number, keyBytes: number, value: Uint8Array): void {
    this.#arena.setWord(entry, HEADER.valueBytes, value.length);
    this.#arena.write(entry, KEY_OFFSET + keyBytes, value, value.length);
  }

  #blocksOf(entry: number): number {
    const keyBytes = this.#arena.word(entry, HEADER.keyBytes);
    return blocksForEntry(keyBytes, this.#arena.word(entry, HEADER.valueBytes));
  }

  /** Removes entries until one of `blocks` blocks fits in the place of `replaced`. */
  #makeRoom(replaced: number, blocks: number, now: number): boolean {
    const { maxBytes, maxEntries = Infinity } = this.#limits;
    const isNew = replaced === NO_BLOCK;
    const replacedCost = isNew ? 0 : entryCost(this.#blocksOf(replaced));
    const bytesAllowed = maxBytes - entryCost(blocks) + replacedCost;
    const entriesAllowed = maxEntries - (isNew ? 1 : 0);
    let removals = 0;
    while (this.#bytes > bytesAllowed || this.#index.size > entriesAllowed) {
      // What is left may be held by a write in slices; it will be there to evict.
      if (removals++ === REMOVALS_PER_CALL || this.#index.size === 0) return false;
      if (this.#expiry.nextDeadline <= now) {
        this.#expire(this.#expiry.first);
      } else {
        this.#remove(this.#recency.oldest);
        this.#counts.evicted++;
      }
    }
    return true;
  }

  #expire(entry: number): void {
    this.#remove(entry);
    this.#counts.expired++;
  }

  /** Makes an entry of a chain for the encoded key, its value still to be written. */
  #insert(hash: number, keyBytes: number, blocks: number, chain?: number): number {
    const arena = this.#arena;
    const entry = chain ?? arena.allocate(blocks);
    arena.setWord(entry, HEADER.hash, hash);
    arena.setWord(entry, HEADER.keyBytes, keyBytes);
    arena.write(entry, KEY_OFFSET, this.#key.bytes, keyBytes);
    this.#index.insert(entry);
    this.#recency.add(entry);
    this.#expiry.add(entry);
    this.#bytes += entryCost(blocks);
    return entry;
  }

  #remove(entry: number): void {
    const blocks = this.#blocksOf(entry);
    this.#index.remove(entry);
    this.#recency.remove(entry);
    this.#expiry.remove(entry);
    this.#arena.release(entry);
    this.#bytes -= entryCost(blocks);
  }
}

function deadlineFrom(now: number, ttlMs: number): number {
  return ttlMs === NEVER_EXPIRES ? Infinity : now + ttlMs;
}
