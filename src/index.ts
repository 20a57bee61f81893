/**
 * The entry point `gestalt-cache-memory`: what most programs need. Plugin code imports
 * {@link Cache}; provider authors import {@link defineCacheProvider} and
 * {@link serveCacheProvider}. The other entry points are `gestalt-cache-memory/client`,
 * `/provider`, `/conformance`, `/testing` and `/build`.
 *
 * @module gestalt-cache-memory
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
