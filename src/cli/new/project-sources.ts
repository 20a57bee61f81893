/** The provider of a new project: the smallest that keeps the contract. */
export function providerText(name: string): string {
  return `import { defineCacheProvider, type CacheProvider } from "gestalt-cache-memory";
import { monotonicClock, type Clock } from "gestalt-cache-memory/provider";

interface Entry {
  readonly value: Uint8Array;
  /** The reading of the clock at which the entry is gone. */
  end: number;
}

/**
 * Makes the provider. The clock is a parameter, so that tests of TTLs need not wait.
 * GetMany, SetMany and DeleteMany are derived from what is here.
 */
export function createProvider(clock: Clock = monotonicClock): CacheProvider {
  // Unbounded, and lost with the process: replace it by your backend.
  const entries = new Map<string, Entry>();

  const endOf = (ttlMs: number): number => (ttlMs === 0 ? Infinity : clock.now() + ttlMs);

  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry && clock.now() >= entry.end) entries.delete(key);
    return entries.get(key);
  };

  return defineCacheProvider({
    name: ${JSON.stringify(name)},
    displayName: ${JSON.stringify(name)},
    description: "A cache provider for Gestalt.",
    version: "0.1.0",
    get: (key) => live(key)?.value,
    set(key, value, { ttlMs }) {
      // The bytes belong to the caller: keep a copy.
      entries.set(key, { value: value.slice(), end: endOf(ttlMs) });
    },
    delete: (key) => live(key) !== undefined && entries.delete(key),
    touch(key, ttlMs) {
      const entry = live(key);
      if (entry) entry.end = endOf(ttlMs);
      return entry !== undefined;
    },
  });
}

/** The one that the host uses; package.json names it. */
export const provider = createProvider();
`;
}

/** What a new project's process runs. */
export function mainText(): string {
  return `import { serveCacheProvider } from "gestalt-cache-memory";
import { provider } from "./provider.js";

await serveCacheProvider(provider);
`;
}

/** The contract as tests of a new project. */
export function conformanceTestText(): string {
  return `import { describe, it } from "node:test";
import { registerConformance } from "gestalt-cache-memory/conformance";
import { createProvider } from "../src/provider.js";

registerConformance(describe, it, createProvider);
`;
}
