/**
 * The entry point `gestalt-cache-memory/client`: a cache as plugin code uses it, found through
 * the environment or at a given target.
 *
 * @module client
 */
export type { CacheEntry, CacheSetOptions } from "../contract/cache-provider.js";
export { CacheError, type CacheErrorCode } from "../contract/cache-error.js";
export {
  cacheSocketVariable,
  cacheTokenVariable,
  type Environment,
} from "./binding-environment.js";
export { Cache, type CacheOptions } from "./cache.js";
export type { CacheTlsOptions } from "./connect-socket.js";
