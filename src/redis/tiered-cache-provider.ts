import {
  CacheProvider,
  type CacheEntry,
  type CacheGetManyOptions,
  type CacheHealth,
  type CacheSetOptions,
} from "../contract/cache-provider.js";
import { monotonicClock } from "../contract/clock.js";
import type { MaybePromise } from "../contract/maybe-promise.js";
import { DEFAULT_PROVIDER_NAME, slugFromName } from "../contract/provider-name.js";
import { assertMemoryHolds } from "../memory/config/memory-bound.js";
import {
  parseMemoryCacheConfig,
  type MemoryCacheConfig,
} from "../memory/config/memory-cache-config.js";
import {
  createMemoryCacheProvider,
  type MemoryCacheOptions,
} from "../memory/memory-cache-provider.js";
import type { SharedCache } from "./shared-cache.js";
import type { SharedCacheStatistics } from "./shared-statistics.js";

/** A provider that holds or reaches the entries. */
interface Tier {
  readonly provider: CacheProvider;
  readonly statistics: () => SharedCacheStatistics;
  /** The shared cache and the key of its configuration; undefined for the memory alone. */
  readonly shared?: { readonly cache: SharedCache; readonly key: string };
}

/**
 * The cache provider of this package: in memory, or with a server behind the memory once a
 * configuration has `shared`. The code for servers is loaded by the first such configuration.
 *
 * A configuration that changes between the two, or names other servers, starts an empty memory; it
 * is applied only when the servers have answered. Everything else is applied in place.
 */
export class TieredCacheProvider extends CacheProvider {
  readonly #options: MemoryCacheOptions;
  #tier: Tier;
  #configuring: Promise<void> = Promise.resolve();

  /** @param options - as for the memory provider; its `config` has no `shared` */
  constructor(options: MemoryCacheOptions = {}) {
    const memory = memoryTier(options);
    const { name, displayName, description, version } = memory.provider;
    super({
      name,
      displayName,
      description,
      version,
      get: (key) => this.get(key),
      set: (key, value, { ttlMs }) => this.set(key, value, { ttlMs }),
      delete: (key) => this.delete(key),
      touch: (key, ttlMs) => this.touch(key, ttlMs),
      configure: (configured, value) => this.#configure(configured, value),
      close: () => this.#close(),
    });
    this.#options = options;
    this.#tier = memory;
  }

  /** What the cache holds and did since its servers were configured, or since it was made. */
  statistics(): SharedCacheStatistics {
    return this.#tier.statistics();
  }

  override get copiesValues(): boolean {
    return this.#tier.provider.copiesValues;
  }

  override supportsHealthCheck(): boolean {
    return this.#tier.provider.supportsHealthCheck();
  }

  override healthCheck(): MaybePromise<CacheHealth> {
    return this.#tier.provider.healthCheck();
  }

  override get(key: string): MaybePromise<Uint8Array | undefined> {
    return this.#tier.provider.get(key);
  }

  override set(key: string, value: Uint8Array, options?: CacheSetOptions): MaybePromise<void> {
    return this.#tier.provider.set(key, value, options);
  }

  override delete(key: string): MaybePromise<boolean> {
    return this.#tier.provider.delete(key);
  }

  override touch(key: string, ttlMs?: number): MaybePromise<boolean> {
    return this.#tier.provider.touch(key, ttlMs);
  }

  override getMany(
    keys: readonly string[],
    options?: CacheGetManyOptions,
  ): MaybePromise<Record<string, Uint8Array>> {
    return this.#tier.provider.getMany(keys, options);
  }

  override setMany(entries: readonly CacheEntry[], options?: CacheSetOptions): MaybePromise<void> {
    return this.#tier.provider.setMany(entries, options);
  }

  override deleteMany(keys: readonly string[]): MaybePromise<number> {
    return this.#tier.provider.deleteMany(keys);
  }

  async #configure(name: string, value: Record<string, unknown>): Promise<void> {
    const config = parseMemoryCacheConfig(value);
    assertMemoryHolds(config);
    // One after another: a configuration may have to wait for its servers.
    const applied = this.#configuring.then(() => this.#apply(name, config));
    this.#configuring = applied.catch(() => {});
    await applied;
  }

  async #apply(name: string, config: MemoryCacheConfig): Promise<void> {
    const before = this.#tier;
    if (config.shared === undefined) {
      if (before.shared === undefined)
        return before.provider.configureProvider(name, { ...config });
      this.#tier = memoryTier({ ...this.#options, config });
    } else {
      const prefix = `${slugFromName(name) || DEFAULT_PROVIDER_NAME}:`;
      const key = JSON.stringify([prefix, config.shared]);
      if (before.shared?.key === key) {
        before.shared.cache.resize(config);
        return;
      }
      this.#tier = await this.#sharedTier(config, prefix, key);
    }
    await before.provider.closeProvider();
  }

  async #sharedTier(config: MemoryCacheConfig, prefix: string, key: string): Promise<Tier> {
    const { SharedCache } = await import("./shared-cache.js");
    const cache = await SharedCache.connect({
      config,
      defaultPrefix: prefix,
      clock: this.#options.clock ?? monotonicClock,
    });
    const provider = new CacheProvider({
      // The shared cache checks and counts.
      maxEntryBytes: Infinity,
      get: (entry) => cache.get(entry),
      set: (entry, bytes, { ttlMs }) => cache.set(entry, bytes, ttlMs),
      delete: (entry) => cache.delete(entry),
      touch: (entry, ttlMs) => cache.touch(entry, ttlMs),
      getMany: (keys, { maxBytes = Infinity }) => cache.getMany(keys, maxBytes),
      setMany: (entries, { ttlMs }) => cache.setMany(entries, ttlMs),
      deleteMany: (keys) => cache.deleteMany(keys),
      healthCheck: () => cache.health(),
      close: () => cache.close(),
    });
    return { provider, statistics: () => cache.statistics(), shared: { cache, key } };
  }

  async #close(): Promise<void> {
    await this.#configuring;
    await this.#tier.provider.closeProvider();
  }
}

function memoryTier(options: MemoryCacheOptions): Tier {
  const provider = createMemoryCacheProvider(options);
  return { provider, statistics: () => provider.statistics() };
}
