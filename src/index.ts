/**
 * What most programs need: a cache for plugin code, and what makes a provider.
 * Everything else has a door of its own: `gestalt-cache-memory/client`,
 * `/provider`, `/conformance` and `/testing`.
 */

// For plugin code.
export { Cache, type CacheOptions } from "./client/cache.js";
export type { CacheEntry, CacheSetOptions } from "./contract/cache-provider.js";

// For provider authors.
export { CacheError, type CacheErrorCode } from "./contract/cache-error.js";
export {
  CacheProvider,
  defineCacheProvider,
  type CacheProviderOptions,
} from "./contract/cache-provider.js";
export { serveCacheProvider, type ServeCacheProviderOptions } from "./host/serve-cache-provider.js";
