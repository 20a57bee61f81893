import { assertKey } from "./assert-key.js";
import { defineCacheProvider, type CacheProvider } from "./cache-provider.js";

/**
 * A view of a cache under which every key begins with `<prefix>:`, as the host
 * keeps plugins apart that share one cache. Callers see keys as they sent them;
 * the prefix counts towards the size of an entry. The view owns nothing: closing
 * it leaves the cache open.
 *
 * @throws CacheError `invalid_argument` for a prefix that no key may begin with
 */
export function createPrefixedProvider(provider: CacheProvider, prefix: string): CacheProvider {
  assertKey(prefix, "prefix");
  const own = (key: string): string => `${prefix}:${key}`;
  return defineCacheProvider({
    name: provider.name,
    displayName: provider.displayName,
    description: provider.description,
    version: provider.version,
    get: (key) => provider.get(own(key)),
    set: (key, value, options) => provider.set(own(key), value, options),
    delete: (key) => provider.delete(own(key)),
    touch: (key, ttlMs) => provider.touch(own(key), ttlMs),
    healthCheck: () => provider.healthCheck(),
    warnings: () => provider.warnings(),
  });
}
