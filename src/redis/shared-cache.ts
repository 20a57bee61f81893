import { clearInterval, setInterval } from "node:timers";
import type { CacheEntry } from "../contract/cache-entry.js";
import { CacheError } from "../contract/cache-error.js";
import type { Clock } from "../contract/clock.js";
import { batchError, valuesTooLarge } from "../contract/derived-batches.js";
import { entrySizeError } from "../contract/entry-size.js";
import type { CacheHealth } from "../contract/handler-results.js";
import type { MaybePromise } from "../contract/maybe-promise.js";
import type { MemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import { SHARED_DEFAULTS, type SharedCacheConfig } from "../memory/config/shared-config.js";
import { createOperationCounts } from "../memory/statistics.js";
import { createServerGroup } from "./create-server-group.js";
import { NearCache } from "./near-cache.js";
import { connectionProblem, errorFromReply } from "./server-error.js";
import type { GroupEvents, ServerGroup } from "./server-group.js";
import { ServerOperations } from "./server-operations.js";
import type { SharedCacheStatistics } from "./shared-statistics.js";
import { withinTimeout } from "./within-timeout.js";

/** How many keys of a batch are on their way at once, and about how many bytes of values. */
const MIN_WAVE_KEYS = 16;
const MAX_WAVE_KEYS = 256;
const WAVE_BYTES = 8 * 2 ** 20;

/** The longest time between two PINGs. */
const MAX_PING_INTERVAL_MS = 1_000;

/** What {@link SharedCache.connect} connects. */
export interface SharedCacheOptions {
  /** With a `shared`. */
  readonly config: MemoryCacheConfig;
  /** What keys begin with on the server when `shared` has no `keyPrefix`. */
  readonly defaultPrefix: string;
  readonly clock: Clock;
}

/**
 * A cache whose entries a server holds, with a near cache in this process.
 *
 * The operations are those of a cache provider and follow the same contract. Every one ends within
 * `timeoutMs`; a batch does so for each few hundred entries. A read that lost its connection is
 * repeated once, a write never. A write that failed may have been carried out.
 */
export class SharedCache {
  readonly #group: ServerGroup;
  readonly #operations: ServerOperations;
  readonly #near: NearCache | undefined;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #counts = createOperationCounts();
  readonly #heartbeat: NodeJS.Timeout;
  #config: MemoryCacheConfig;
  #nearHits = 0;
  /** The size of the largest values that batches have read lately; their next ones may be alike. */
  #largeValueBytes = WAVE_BYTES / MIN_WAVE_KEYS;
  #isPinging = false;

  private constructor(
    shared: SharedCacheConfig,
    { config, clock, defaultPrefix }: SharedCacheOptions,
  ) {
    const { near = SHARED_DEFAULTS.near, maxStaleMs = SHARED_DEFAULTS.maxStaleMs } = shared;
    this.#config = config;
    this.#clock = clock;
    this.#prefix = shared.keyPrefix ?? defaultPrefix;
    this.#timeoutMs = shared.timeoutMs ?? SHARED_DEFAULTS.timeoutMs;
    this.#near = near ? new NearCache(config, maxStaleMs, clock) : undefined;
    const events: GroupEvents = {
      onInvalidate: (key) => this.#near?.invalidate(key),
      onUp: () => this.#near?.enable(),
      onDown: () => this.#near?.disable(),
    };
    this.#group = createServerGroup(shared, near ? this.#prefix : undefined, events, clock);
    const intervalMs = Math.min(MAX_PING_INTERVAL_MS, Math.floor(maxStaleMs / 4));
    this.#operations = new ServerOperations({
      group: this.#group,
      near: this.#near,
      prefix: this.#prefix,
      counts: this.#counts,
    });
    this.#heartbeat = setInterval(() => void this.#ping(), intervalMs).unref();
  }

  /**
   * Connects to the server that `config.shared` names.
   *
   * @throws CacheError `failed_precondition` when it cannot be reached or refuses the connection
   */
  static async connect(options: SharedCacheOptions): Promise<SharedCache> {
    const { shared } = options.config;
    if (shared === undefined) throw new TypeError("the configuration has no shared");
    const cache = new SharedCache(shared, options);
    try {
      await cache.#group.start();
      return cache;
    } catch (error) {
      cache.close();
      throw new CacheError("failed_precondition", connectionProblem(error), { cause: error });
    }
  }

  /** The value of a live key; without a promise when the near cache holds it. */
  get(key: string): MaybePromise<Uint8Array | undefined> {
    const near = this.#near?.get(this.#prefix + key);
    if (near === undefined) return this.#bounded(this.#operations.read(key));
    this.#nearHits++;
    return near;
  }

  /** Stores a value. */
  set(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
    const refusal = this.#refusalOf({ key, value });
    if (refusal !== undefined) throw refusal;
    return this.#bounded(this.#operations.write(key, value, ttlMs));
  }

  /** Removes a key; true only if it was live. */
  delete(key: string): Promise<boolean> {
    return this.#bounded(this.#operations.remove(key));
  }

  /** Gives a live key a new TTL, 0 for none; false for a missing key. */
  touch(key: string, ttlMs: number): Promise<boolean> {
    return this.#bounded(this.#operations.touch(key, ttlMs));
  }

  /** The values of the live ones of the keys, in a record without a prototype. */
  getMany(keys: readonly string[], maxBytes: number): MaybePromise<Record<string, Uint8Array>> {
    const found = Object.create(null) as Record<string, Uint8Array>;
    const missing = new Map<string, number>();
    let bytes = 0;
    const take = (key: string, index: number, value: Uint8Array | undefined): void => {
      if (value === undefined) return;
      bytes += value.length;
      if (bytes > maxBytes) throw valuesTooLarge(bytes, maxBytes, index, keys.length);
      found[key] = value;
    };
    for (const [index, key] of keys.entries()) {
      if (found[key] !== undefined || missing.has(key)) continue;
      const near = this.#near?.get(this.#prefix + key);
      if (near === undefined) missing.set(key, index);
      else this.#nearHits++;
      take(key, index, near);
    }
    if (missing.size === 0) return found;
    return this.#readInWaves([...missing], keys.length, take).then(() => found);
  }

  /** Writes entries; of duplicates only the last. Entries behind one that fails may be written. */
  async setMany(entries: readonly CacheEntry[], ttlMs: number): Promise<void> {
    const last = new Map<string, number>();
    let refused: Error | undefined;
    for (const [index, entry] of entries.entries()) {
      const refusal = this.#refusalOf(entry);
      if (refusal !== undefined) {
        refused = batchError(refusal, entry.key, index, entries.length);
        break;
      }
      last.set(entry.key, index);
    }
    const writes = [...last].sort(([, one], [, other]) => one - other);
    while (writes.length > 0) {
      let bytes = 0;
      const wave: Promise<void>[] = [];
      const keys = writes.slice(0, MAX_WAVE_KEYS);
      for (const [key, index] of keys) {
        const value = entries[index]?.value ?? new Uint8Array();
        if (wave.length > 0 && bytes + value.length > WAVE_BYTES) break;
        bytes += value.length;
        wave.push(this.#operations.write(key, value, ttlMs));
      }
      await this.#inOrder(wave, writes.splice(0, wave.length), entries.length, () => {});
    }
    if (refused !== undefined) throw refused;
  }

  /** How many live entries were removed; a key given twice counts once. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const positions = [...new Map(keys.map((key, index) => [key, index] as const).reverse())];
    positions.reverse();
    let removed = 0;
    while (positions.length > 0) {
      const wave = positions.splice(0, MAX_WAVE_KEYS);
      const removing = wave.map(([key]) => this.#operations.remove(key));
      await this.#inOrder(removing, wave, keys.length, (_key, _index, wasLive) => {
        if (wasLive) removed++;
      });
    }
    return removed;
  }

  /** Applies other limits; the near cache starts over. */
  resize(config: MemoryCacheConfig): void {
    this.#config = config;
    this.#near?.resize(config);
  }

  health(): CacheHealth {
    const { problem } = this.#group;
    return problem === undefined ? { ready: true } : { ready: false, message: problem };
  }

  statistics(): SharedCacheStatistics {
    const near = this.#near?.statistics();
    const remoteHits = this.#counts.hits;
    return {
      ...this.#counts,
      entries: near?.entries ?? 0,
      bytes: near?.bytes ?? 0,
      maxBytes: this.#config.maxBytes,
      hits: this.#nearHits + remoteHits,
      expired: near?.expired ?? 0,
      evicted: near?.evicted ?? 0,
      shared: {
        nearHits: this.#nearHits,
        remoteHits,
        invalidations: this.#near?.invalidations ?? 0,
        reconnects: this.#group.reconnects,
      },
    };
  }

  /** Ends the connections; calls without a reply fail. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#group.close();
    this.#near?.close();
  }

  async #ping(): Promise<void> {
    if (this.#isPinging) return;
    this.#isPinging = true;
    const sentAt = this.#clock.now();
    try {
      await this.#group.ping();
      this.#near?.renew(sentAt);
    } catch {
      // The group has noticed, and reconnects.
    } finally {
      this.#isPinging = false;
    }
  }

  #bounded<T>(operation: Promise<T>, explain?: (timeout: CacheError) => CacheError): Promise<T> {
    return withinTimeout(operation, this.#timeoutMs, explain);
  }

  async #readInWaves(
    missing: readonly (readonly [key: string, index: number])[],
    count: number,
    take: (key: string, index: number, value: Uint8Array | undefined) => void,
  ): Promise<void> {
    let at = 0;
    while (at < missing.length) {
      const fitting = Math.floor(WAVE_BYTES / this.#largeValueBytes);
      const keys = Math.min(MAX_WAVE_KEYS, Math.max(MIN_WAVE_KEYS, fitting));
      const wave = missing.slice(at, at + keys);
      at += keys;
      this.#largeValueBytes /= 2;
      await this.#inOrder(this.#operations.readTogether(wave), wave, count, (key, index, value) => {
        this.#largeValueBytes = Math.max(this.#largeValueBytes, value?.length ?? 0);
        take(key, index, value);
      });
    }
  }

  /** Waits for the operations of a wave; the error is that of the first one that fails. */
  async #inOrder<T>(
    operations: readonly Promise<T>[],
    positions: readonly (readonly [key: string, index: number])[],
    count: number,
    take: (key: string, index: number, result: T) => void,
  ): Promise<void> {
    for (const operation of operations) operation.catch(() => {});
    let at = 0;
    const all = async (): Promise<void> => {
      for (const operation of operations) {
        const [key = "", index = 0] = positions[at] ?? [];
        const result = await operation.catch((thrown: unknown) => {
          const error = errorFromReply(thrown);
          throw error instanceof CacheError ? batchError(error, key, index, count) : error;
        });
        take(key, index, result);
        at++;
      }
    };
    await this.#bounded(all(), (timeout) => {
      const [key = "", index = 0] = positions[at] ?? [];
      return batchError(timeout, key, index, count);
    });
  }

  #refusalOf(entry: CacheEntry): CacheError | undefined {
    const error = entrySizeError(entry, this.#config.maxEntryBytes);
    if (error !== undefined) this.#counts.refused++;
    return error;
  }
}
