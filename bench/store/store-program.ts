/** Program: times one store. Each store has its own process, so that garbage of others does not count. */
import { performance } from "node:perf_hooks";
import { LRUCache } from "lru-cache";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { createKey, createRandom, createValue } from "../figures/random.js";
import type { StoreAnswer, StoreQuestion, StoreSubject } from "./store-subject.js";

interface Store {
  get(key: string): unknown;
  set(key: string, value: Uint8Array): unknown;
}

/** The most operations between two readings of the clock. */
const MAX_CHUNK = 1_000;

process.once("disconnect", () => process.exit());
process.once("message", (question: StoreQuestion) => {
  process.send?.(timeStore(question));
});

function timeStore({ subject, entries, valueBytes, seconds }: StoreQuestion): StoreAnswer {
  const store = createStore(subject, entries);
  const value = createValue(valueBytes);
  const keys = Array.from({ length: entries }, (_, index) => createKey(index));
  for (const key of keys) store.set(key, value);
  const order = shuffled(keys);
  const found = store.get(createKey(0)) as Uint8Array;
  if (Buffer.compare(found, value) !== 0) throw new Error(`${subject}: wrong value`);

  const get = (key: string): unknown => store.get(key);
  const set = (key: string): unknown => store.set(key, value);
  // The first pass of each is not counted: the runtime compiles the code then.
  perSecond(order, seconds / 4, get);
  perSecond(order, seconds / 4, set);
  return {
    getsPerSecond: perSecond(order, seconds, get),
    setsPerSecond: perSecond(order, seconds, set),
  };
}

/** Repeats an operation over the keys, in their order, until the time is over. */
function perSecond(
  keys: readonly string[],
  seconds: number,
  operate: (key: string) => unknown,
): number {
  const chunk = Math.min(MAX_CHUNK, keys.length);
  const start = performance.now();
  let operations = 0;
  let next = 0;
  let elapsedMs = 0;
  while (elapsedMs < seconds * 1000) {
    for (let i = 0; i < chunk; i++) {
      operate(keys[next] as string);
      if (++next === keys.length) next = 0;
    }
    operations += chunk;
    elapsedMs = performance.now() - start;
  }
  return (operations / elapsedMs) * 1000;
}

function createStore(subject: StoreSubject, entries: number): Store {
  switch (subject) {
    case "lru":
    case "blocks":
      return createMemoryCacheProvider({
        config: { store: subject, maxBytes: 16 * 2 ** 30, maxEntryBytes: 2 ** 30 },
      });
    case "lru-cache":
      return new LRUCache<string, Uint8Array>({ max: entries });
    case "lru-cache, copying": {
      const cache = new LRUCache<string, Uint8Array>({ max: entries });
      return {
        get: (key) => cache.get(key),
        set: (key, value) => cache.set(key, value.slice()),
      };
    }
  }
}

/** A Fisher-Yates shuffle with a fixed seed. */
function shuffled(keys: readonly string[]): string[] {
  const random = createRandom(7);
  const order = [...keys];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as string, order[i] as string];
  }
  return order;
}
