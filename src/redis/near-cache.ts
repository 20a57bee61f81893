import { CacheError } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import { nodeTimers } from "../contract/timers.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import type { CacheStore } from "../memory/cache-store.js";
import type { MemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import { createStore } from "../memory/create-store.js";
import { charge } from "../memory/entry-charge.js";
import { ExpirySweeper } from "../memory/expiry-sweeper.js";
import {
  recordAllocation,
  READ_GARBAGE_BYTES,
  WRITE_GARBAGE_BYTES,
} from "../memory/heap-pressure.js";
import { createOperationCounts, type CacheStatistics } from "../memory/statistics.js";

/** How many entries a value may remove at once; one that needs more does not enter. */
const MAX_REMOVALS_AT_ONCE = 1000;

/** A read or write of a key between its command and its reply. */
export interface PendingOperation {
  readonly key: string;
  readonly state: KeyState;
  /** The version of the key when the operation began; undefined when its reply must not enter. */
  readonly version: number | undefined;
  readonly isWrite: boolean;
  /** The clock's reading when the operation began: no reply is older. */
  readonly startedAt: number;
}

/** What is in flight for one key. */
interface KeyState {
  operations: number;
  writes: number;
  /** Rises with every write that begins, and with every invalidation. */
  version: number;
}

/**
 * A memory cache in front of a server, right as long as the server's invalidations arrive.
 *
 * Implementation notes. An entry may enter only with a value that was current at the server at some
 * moment after the last invalidation of its key that has arrived. A reply may be overtaken: code
 * that awaits a reply runs after an invalidation that came behind it. So each operation takes down
 * the version of its key when it begins, and its value enters only if the version is the same at
 * the end. Versions exist only for keys with operations in flight. Rules:
 *
 * - An invalidation removes the entry and raises the version.
 * - A write removes the entry and raises the version when it begins. While a write is in flight,
 *   every read of its key goes to the server, and its value does not enter: with a cluster's
 *   redirections, replies may come in another order than the server's execution.
 * - The value of a write enters when no other write of the key was in flight at its beginning, and
 *   none has begun since.
 *   With NOLOOP the server does not send invalidations for this connection's own writes.
 * - The loss of a connection removes all entries and raises all versions.
 *
 * Entries are returned only while the lease runs: for `maxStaleMs` after the sending of the last
 * PING whose reply has arrived. All invalidations that the server sent before that reply have
 * arrived too, so an outdated value is at most `maxStaleMs` old, also when the server or the
 * network has fallen silent without closing the connection.
 */
export class NearCache {
  readonly #clock: Clock;
  readonly #maxStaleMs: number;
  readonly #counts = createOperationCounts();
  readonly #sweeper: ExpirySweeper;
  readonly #pending = new Map<string, KeyState>();
  #config: MemoryCacheConfig;
  #store: CacheStore;
  #isEnabled = false;
  #leaseEnd = -Infinity;
  #invalidations = 0;

  constructor(config: MemoryCacheConfig, maxStaleMs: number, clock: Clock) {
    this.#config = config;
    this.#maxStaleMs = maxStaleMs;
    this.#clock = clock;
    this.#sweeper = new ExpirySweeper(clock, nodeTimers);
    this.#store = createStore(config, clock, this.#counts);
    this.#sweeper.watch(this.#store);
  }

  /** A copy of the value of a key that is known to be current; undefined otherwise. */
  get(key: string): Uint8Array | undefined {
    if (!this.#isEnabled || this.#clock.now() > this.#leaseEnd) return undefined;
    const value = this.#store.get(key);
    if (value !== undefined) recordAllocation(READ_GARBAGE_BYTES, this.#config.maxBytes);
    return value;
  }

  /** To be called before a command that reads a key is sent. Every operation must be ended. */
  beginRead(key: string): PendingOperation {
    const state = this.#stateOf(key);
    return this.#begin(key, state, state.writes === 0, false);
  }

  /** To be called before a command that changes a key is sent. */
  beginWrite(key: string): PendingOperation {
    const state = this.#stateOf(key);
    this.#store.delete(key);
    state.version++;
    state.writes++;
    return this.#begin(key, state, state.writes === 1, true);
  }

  /**
   * Ends an operation, after its reply or its failure.
   *
   * @param value - what the server holds by this reply; undefined when unknown or missing
   * @param ttlMs - the TTL that the server reported or was given; 0 for none
   */
  end(operation: PendingOperation, value?: Uint8Array, ttlMs = NEVER_EXPIRES): void {
    const { key, state, version, isWrite } = operation;
    if (isWrite) state.writes--;
    if (--state.operations === 0) this.#pending.delete(key);
    if (value === undefined || state.version !== version) return;
    if (this.#isEnabled) this.#put(key, value, ttlMs, operation.startedAt);
  }

  /** Removes an entry that has changed on the server; null for all entries. */
  invalidate(key: string | null): void {
    this.#invalidations++;
    if (key === null) {
      this.#clear();
      return;
    }
    this.#store.delete(key);
    const state = this.#pending.get(key);
    if (state !== undefined) state.version++;
  }

  /** From now on invalidations arrive for everything that is read. */
  enable(): void {
    this.#clear();
    this.#isEnabled = true;
    this.renew(this.#clock.now());
  }

  /** Removes all entries; none enter until {@link NearCache.enable}. */
  disable(): void {
    this.#isEnabled = false;
    this.#clear();
  }

  /** Extends the lease: a command that was sent at `sentAt` has been answered. */
  renew(sentAt: number): void {
    this.#leaseEnd = sentAt + this.#maxStaleMs;
  }

  /** Starts over, empty, with other limits. */
  resize(config: MemoryCacheConfig): void {
    this.#config = config;
    this.#raiseVersions();
    this.#replaceStore();
  }

  close(): void {
    this.disable();
    this.#sweeper.stop();
  }

  /** Entries that were removed because they changed on the server. */
  get invalidations(): number {
    return this.#invalidations;
  }

  statistics(): CacheStatistics {
    return this.#store.statistics();
  }

  #stateOf(key: string): KeyState {
    let state = this.#pending.get(key);
    if (state === undefined) {
      state = { operations: 0, writes: 0, version: 0 };
      this.#pending.set(key, state);
    }
    state.operations++;
    return state;
  }

  #begin(key: string, state: KeyState, mayEnter: boolean, isWrite: boolean): PendingOperation {
    const version = mayEnter ? state.version : undefined;
    return { key, state, version, isWrite, startedAt: this.#clock.now() };
  }

  #put(key: string, value: Uint8Array, ttlMs: number, startedAt: number): void {
    // The server's deadline is at least the start of the operation plus the TTL.
    const remainingMs =
      ttlMs === NEVER_EXPIRES ? NEVER_EXPIRES : Math.floor(ttlMs - (this.#clock.now() - startedAt));
    if (remainingMs < 0 || (remainingMs === 0 && ttlMs !== NEVER_EXPIRES)) return;
    const { maxBytes } = this.#config;
    if (charge(key, value.length, true) > maxBytes) return;
    if (!this.#store.makeRoom(key, value.length, MAX_REMOVALS_AT_ONCE)) return;
    recordAllocation(WRITE_GARBAGE_BYTES + value.length, maxBytes);
    try {
      this.#store.set(key, value, remainingMs);
    } catch (error) {
      // Too large for this store: another client wrote it, or the limits are smaller than it.
      if (!(error instanceof CacheError)) throw error;
      return;
    }
    if (remainingMs > 0) this.#sweeper.reschedule();
  }

  /** Replaces the store rather than emptying it, so that no number of entries makes it take long. */
  #clear(): void {
    this.#raiseVersions();
    if (this.#store.statistics().entries > 0) this.#replaceStore();
  }

  #raiseVersions(): void {
    for (const state of this.#pending.values()) state.version++;
  }

  #replaceStore(): void {
    this.#store = createStore(this.#config, this.#clock, this.#counts);
    this.#sweeper.watch(this.#store);
  }
}
