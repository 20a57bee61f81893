import type { Clock } from "../../contract/clock.js";
import { NEVER_EXPIRES } from "../../contract/ttl.js";
import type { CacheStore, KeyOrder, StoredEntry, StoreLimits } from "../cache-store.js";
import { createInt32Array } from "../chunked-array.js";
import { assertEntryFits, entryFits } from "../entry-limits.js";
import { ExpiryHeap, NOT_IN_HEAP } from "../expiry-heap.js";
import {
  createOperationCounts,
  type CacheStatistics,
  type OperationCounts,
} from "../statistics.js";
import { createValueBuffer } from "../value-buffer.js";
import { BlockArena, NO_BLOCK } from "./block-arena.js";
import { blocksForEntry, entryCharge, HEADER, KEY_OFFSET } from "./entry-layout.js";
import { KeyEncoder } from "./key-encoder.js";
import { createKeyHash, type KeyHash } from "./key-hash.js";
import { KeyIndex } from "./key-index.js";
import { RecencyList } from "./recency-list.js";

/**
 * A store outside the garbage-collected heap, for large caches. README.md in this folder explains
 * when to use it and how it works.
 *
 * Implementation notes. An entry is a chain of blocks in the arena, and its id is that of its
 * first block. Three structures contain it and link it through words of its header: the index (by
 * key), the recency list (by use) and the expiry heap (by deadline). Only `#insert` adds an entry
 * to them, and only `#remove` removes it.
 */
export class BlockStore implements CacheStore {
  #limits: StoreLimits;
  readonly #clock: Clock;
  readonly #counts: OperationCounts;
  readonly #hash: KeyHash;
  readonly #key = new KeyEncoder();
  readonly #arena = new BlockArena();
  readonly #index = new KeyIndex(this.#arena);
  readonly #recency = new RecencyList(this.#arena);
  readonly #expiry = new ExpiryHeap(createInt32Array(), {
    get: (entry) => this.#arena.word(entry, HEADER.heapPosition),
    set: (entry, position) => this.#arena.setWord(entry, HEADER.heapPosition, position),
  });
  #bytes = 0;

  /** @param counts - where to count; given when this store replaces another one */
  constructor(
    limits: StoreLimits,
    clock: Clock,
    counts: OperationCounts = createOperationCounts(),
    hash = createKeyHash(),
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#counts = counts;
    this.#hash = hash;
  }

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

  set(key: string, value: Uint8Array, ttlMs: number): void {
    const now = this.#clock.now();
    const keyBytes = this.#key.encode(key);
    const blocks = blocksForEntry(keyBytes, value.length);
    const size = keyBytes + value.length;
    assertEntryFits(this.#limits, this.#counts, key, size, entryCharge(blocks));
    const hash = this.#hash(this.#key.bytes, keyBytes);
    let entry = this.#findLiveHashed(hash, keyBytes, now);
    if (entry === NO_BLOCK) {
      this.#makeRoomFor(entryCharge(blocks), 1, now);
      entry = this.#insert(hash, keyBytes, blocks);
    } else {
      this.#counts.overwrites++;
      // The most recently used entry is evicted last, so making room cannot evict this one.
      this.#recency.use(entry);
      const oldBlocks = this.#blocksOf(entry);
      const growth = entryCharge(blocks) - entryCharge(oldBlocks);
      this.#makeRoomFor(growth, 0, now);
      this.#arena.resize(entry, oldBlocks, blocks);
      this.#bytes += growth;
    }
    this.#counts.sets++;
    this.#writeValue(entry, keyBytes, value);
    this.#expiry.setDeadline(entry, deadlineFrom(now, ttlMs));
  }

  delete(key: string): boolean {
    const entry = this.#findLive(this.#key.encode(key), this.#clock.now());
    if (entry === NO_BLOCK) return false;
    this.#remove(entry);
    this.#counts.deletes++;
    return true;
  }

  touch(key: string, ttlMs: number): boolean {
    const now = this.#clock.now();
    const entry = this.#findLive(this.#key.encode(key), now);
    if (entry === NO_BLOCK) return false;
    this.#expiry.setDeadline(entry, deadlineFrom(now, ttlMs));
    this.#recency.use(entry);
    this.#counts.touches++;
    return true;
  }

  get nextDeadline(): number {
    return this.#expiry.nextDeadline;
  }

  reclaimExpired(limit: number): boolean {
    const now = this.#clock.now();
    while (limit-- > 0 && this.#removeExpired(now));
    return this.#expiry.nextDeadline > now;
  }

  resize(limits: StoreLimits, limit: number): boolean {
    this.#limits = limits;
    return this.#shrink(limits.maxBytes, limits.maxEntries, limit, this.#clock.now());
  }

  makeRoom(key: string, valueBytes: number, limit: number): boolean {
    const now = this.#clock.now();
    const keyBytes = this.#key.encode(key);
    const charge = entryCharge(blocksForEntry(keyBytes, valueBytes));
    if (!entryFits(this.#limits, keyBytes + valueBytes, charge)) return true;
    const { maxBytes, maxEntries = Infinity } = this.#limits;
    const entry = this.#findLive(keyBytes, now);
    if (entry === NO_BLOCK) return this.#shrink(maxBytes - charge, maxEntries - 1, limit, now);
    this.#recency.use(entry);
    const growth = charge - entryCharge(this.#blocksOf(entry));
    return this.#shrink(maxBytes - growth, maxEntries, limit, now);
  }

  *keys({ newestFirst = false, skip = 0 }: KeyOrder = {}): Generator<string> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const now = this.#clock.now();
    const recency = this.#recency;
    let entry = newestFirst ? recency.newest : recency.oldest;
    while (entry !== NO_BLOCK) {
      if (this.#expiry.deadlineOf(entry) > now && skip-- <= 0) {
        const key = new Uint8Array(this.#arena.word(entry, HEADER.keyBytes));
        this.#arena.read(entry, KEY_OFFSET, key);
        yield decoder.decode(key);
      }
      entry = newestFirst ? recency.olderThan(entry) : recency.newerThan(entry);
    }
  }

  peek(key: string): StoredEntry | undefined {
    const keyBytes = this.#key.encode(key);
    const hash = this.#hash(this.#key.bytes, keyBytes);
    const entry = this.#index.find(hash, this.#key.bytes, keyBytes);
    if (entry === NO_BLOCK) return undefined;
    const deadline = this.#expiry.deadlineOf(entry);
    if (deadline <= this.#clock.now()) return undefined;
    const readValue = (): Uint8Array => this.#readValue(entry);
    return {
      key,
      size: keyBytes + this.#arena.word(entry, HEADER.valueBytes),
      charge: entryCharge(this.#blocksOf(entry)),
      deadline,
      get value() {
        return readValue();
      },
    };
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

  /** The live entry with the encoded key. Removes an expired one. */
  #findLiveHashed(hash: number, keyBytes: number, now: number): number {
    const entry = this.#index.find(hash, this.#key.bytes, keyBytes);
    if (entry === NO_BLOCK || this.#expiry.deadlineOf(entry) > now) return entry;
    this.#remove(entry);
    this.#counts.expired++;
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

  /** Makes room for more bytes and entries; while a resize is unfinished, only as much as this adds. */
  #makeRoomFor(bytes: number, entries: number, now: number): void {
    const maxBytes = Math.max(this.#limits.maxBytes, this.#bytes) - bytes;
    const maxEntries = Math.max(this.#limits.maxEntries ?? Infinity, this.#index.size) - entries;
    while (this.#exceeds(maxBytes, maxEntries)) this.#removeOne(now);
  }

  /** Removes up to `limit` entries until the others fit; false when more must be removed. */
  #shrink(maxBytes: number, maxEntries: number | undefined, limit: number, now: number): boolean {
    while (this.#index.size > 0 && this.#exceeds(maxBytes, maxEntries)) {
      if (limit-- <= 0) return false;
      this.#removeOne(now);
    }
    return true;
  }

  #exceeds(maxBytes: number, maxEntries = Infinity): boolean {
    return this.#bytes > maxBytes || this.#index.size > maxEntries;
  }

  /** Removes an expired entry, or if there is none the least recently used one. */
  #removeOne(now: number): void {
    if (this.#removeExpired(now)) return;
    this.#remove(this.#recency.oldest);
    this.#counts.evicted++;
  }

  /** Removes the entry that expired first; false when none has expired. */
  #removeExpired(now: number): boolean {
    const { first } = this.#expiry;
    if (first === undefined || this.#expiry.nextDeadline > now) return false;
    this.#remove(first);
    this.#counts.expired++;
    return true;
  }

  /** Adds an entry for the encoded key. The caller writes its value. */
  #insert(hash: number, keyBytes: number, blocks: number): number {
    const arena = this.#arena;
    const entry = arena.allocate(blocks);
    arena.setWord(entry, HEADER.hash, hash);
    arena.setWord(entry, HEADER.keyBytes, keyBytes);
    arena.write(entry, KEY_OFFSET, this.#key.bytes, keyBytes);
    this.#index.insert(entry);
    this.#recency.add(entry);
    arena.setWord(entry, HEADER.heapPosition, NOT_IN_HEAP);
    this.#bytes += entryCharge(blocks);
    return entry;
  }

  #remove(entry: number): void {
    const blocks = this.#blocksOf(entry);
    this.#index.remove(entry);
    this.#recency.remove(entry);
    this.#expiry.remove(entry);
    this.#arena.release(entry);
    this.#bytes -= entryCharge(blocks);
  }
}

function deadlineFrom(now: number, ttlMs: number): number {
  return ttlMs === NEVER_EXPIRES ? Infinity : now + ttlMs;
}
