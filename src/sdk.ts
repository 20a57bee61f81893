/**
 * The entry point `gestalt-cache-memory/provider`, for provider authors: the contract, the
 * servers that carry a provider (under the host and without one), and the in-memory provider.
 *
 * @module provider
 */

// The contract.
export { CacheError, quoteKey, type CacheErrorCode } from "./contract/cache-error.js";
export {
  CacheProvider,
  defineCacheProvider,
  type CacheEntry,
  type CacheGetManyOptions,
  type CacheHealth,
  type CacheProviderOptions,
  type CacheSetOptions,
} from "./contract/cache-provider.js";
export { monotonicClock, type Clock } from "./contract/clock.js";
export type { MaybePromise } from "./contract/maybe-promise.js";
export { MAX_TTL_MS, NEVER_EXPIRES, parseTtlMs } from "./contract/ttl.js";

// Serving a provider.
export { serveCacheProvider, type ServeCacheProviderOptions } from "./host/serve-cache-provider.js";
export type { ProviderServicesOptions } from "./rpc/provider-implementations.js";
export { createProviderServices, type ServiceRoute } from "./rpc/provider-services.js";
export {
  formatListenAddress,
  parseListenAddress,
  type ListenAddress,
} from "./server/listen/listen-address.js";
export { ListenError } from "./server/listen/listen-error.js";
export { startProviderServer, type ServerOptions } from "./server/provider-server.js";
export type { ProviderServer } from "./server/start-server.js";
export { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server/limits/server-limits.js";

// The in-memory provider.
export {
  DEFAULT_MEMORY_CACHE_CONFIG,
  parseMemoryCacheConfig,
  type MemoryCacheConfig,
} from "./memory/config/memory-cache-config.js";
export {
  createMemoryCacheProvider,
  MemoryCacheProvider,
  type MemoryCacheOptions,
} from "./memory/memory-cache-provider.js";
export type { CacheStatistics } from "./memory/statistics.js";
