import { assertKey } from "./assert-key.js";
import { defineCacheProvider, type CacheProvider } from "./cache-provider.js";

/**
 * A view of a cache that stores every key as `<prefix>:<key>`, as the host does for plugins that
 * share a cache. Callers use keys without the prefix. The prefix counts towards the size of an
 * entry. Closing the view does not close the cache.
 *
 * @throws CacheError `invalid_argument` for a prefix that is not well-formed Unicode
 */
export function createPrefixedProvider(provider: CacheProvider, prefix: string): CacheProvider {
  assertKey(prefix, "prefix");
  const prefixed = (key: string): string => `${prefix}:${key}`;
  return defineCacheProvider({
    name: provider.name,
    displayName: provider.displayName,
    description: provider.description,
    version: provider.version,
    // The provider checks, and the prefix counts.
    maxEntryBytes: Infinity,
    get: (key) => provider.get(prefixed(key)),
    set: (key, value, options) => provider.set(prefixed(key), value, options),
    delete: (key) => provider.delete(prefixed(key)),
    touch: (key, ttlMs) => provider.touch(prefixed(key), ttlMs),
    healthCheck: () => provider.healthCheck(),
    warnings: () => provider.warnings(),
  });
}
