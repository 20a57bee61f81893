import { defineCacheProvider, type CacheProvider } from "gestalt-cache-memory";
import { monotonicClock, type Clock } from "gestalt-cache-memory/provider";

interface Entry {
  readonly value: Uint8Array;
  /** The entry has expired when the clock reads this many milliseconds, or more. */
  end: number;
}

/**
 * Creates the provider. Tests pass a clock of their own, so that a TTL ends without waiting.
 * GetMany, SetMany and DeleteMany are derived from the four operations below.
 */
export function createProvider(clock: Clock = monotonicClock): CacheProvider {
  // Without a bound, and lost when the process ends. Replace it with your backend.
  const backend = new Map<string, Entry>();

  const endOf = (ttlMs: number): number => (ttlMs === 0 ? Infinity : clock.now() + ttlMs);

  const live = (key: string): Entry | undefined => {
    const entry = backend.get(key);
    if (entry && clock.now() >= entry.end) backend.delete(key);
    return backend.get(key);
  };

  return defineCacheProvider({
    name: "example-provider",
    displayName: "example-provider",
    description: "A cache provider for Gestalt.",
    version: "0.1.0",
    // The caller owns the result. Return a copy.
    get: (key) => live(key)?.value.slice(),
    set(key, value, { ttlMs }) {
      // The bytes belong to the caller. Keep a copy.
      backend.set(key, { value: Uint8Array.from(value), end: endOf(ttlMs) });
    },
    delete: (key) => live(key) !== undefined && backend.delete(key),
    touch(key, ttlMs) {
      const entry = live(key);
      if (entry) entry.end = endOf(ttlMs);
      return entry !== undefined;
    },
  });
}

/** The provider that the host loads. "gestalt.provider.target" in package.json names it. */
export const provider = createProvider();
