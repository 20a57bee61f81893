/** The tiny provider as an author would write it: with the published package, as a program. */
import { defineCacheProvider } from "../../dist/contract/cache-provider.js";
import { serveCacheProvider } from "../../dist/host/serve-cache-provider.js";

const entries = new Map();
const endOf = (ttlMs) => (ttlMs === 0 ? Infinity : performance.now() + ttlMs);
const live = (key) => {
  const entry = entries.get(key);
  if (entry && performance.now() >= entry.end) entries.delete(key);
  return entries.get(key);
};

await serveCacheProvider(
  defineCacheProvider({
    name: "tiny",
    get: (key) => live(key)?.value,
    set: (key, value, { ttlMs }) =>
      void entries.set(key, { value: value.slice(), end: endOf(ttlMs) }),
    delete: (key) => live(key) !== undefined && entries.delete(key),
    touch(key, ttlMs) {
      const entry = live(key);
      if (entry) entry.end = endOf(ttlMs);
      return entry !== undefined;
    },
  }),
);
