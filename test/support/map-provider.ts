import {
  defineCacheProvider,
  type CacheProvider,
  type CacheProviderOptions,
} from "../../src/contract/cache-provider.js";

/** The smallest provider that stores values: a Map without TTLs and limits. */
export function createMapProvider(overrides: Partial<CacheProviderOptions> = {}): CacheProvider {
  const entries = new Map<string, Uint8Array>();
  return defineCacheProvider({
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, Uint8Array.from(value)),
    delete: (key) => entries.delete(key),
    touch: (key) => entries.has(key),
    name: "map",
    ...overrides,
  });
}
