import type { Clock } from "../../src/contract/clock.js";
import { defineCacheProvider, type CacheProvider } from "../../src/contract/cache-provider.js";

/** What a provider comes to that keeps the contract, and nothing else: a Map with ends. */
export function createTinyProvider(clock: Clock): CacheProvider {
  const entries = new Map<string, { value: Uint8Array; end: number }>();
  const endOf = (ttlMs: number): number => (ttlMs === 0 ? Infinity : clock.now() + ttlMs);
  const live = (key: string) => {
    const entry = entries.get(key);
    if (entry && clock.now() >= entry.end) entries.delete(key);
    return entries.get(key);
  };
  return defineCacheProvider({
    name: "tiny",
    get: (key) => live(key)?.value,
    set(key, value, { ttlMs }) {
      entries.set(key, { value: Uint8Array.from(value), end: endOf(ttlMs) });
    },
    delete: (key) => live(key) !== undefined && entries.delete(key),
    touch(key, ttlMs) {
      const entry = live(key);
      if (entry) entry.end = endOf(ttlMs);
      return entry !== undefined;
    },
  });
}
