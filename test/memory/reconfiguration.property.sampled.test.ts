import fc from "fast-check";
import { expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import type { MemoryCacheConfig } from "../../src/memory/config/memory-cache-config.js";
import {
  createMemoryCacheProvider,
  type MemoryCacheProvider,
} from "../../src/memory/memory-cache-provider.js";
import { FakeClock } from "../support/fake-clock.js";
import { sizeOf } from "../support/sample.js";
import { CacheModel } from "./cache-model.js";
import { STORES, type StoreUnderTest } from "./stores.js";

const KEYS = ["", "a", "b", "c", "__proto__", "é\0\n", "k".repeat(130)];

type Config = MemoryCacheConfig & { readonly store: StoreUnderTest["name"] };

type Operation =
  | { readonly do: "get" | "delete"; readonly key: string }
  | { readonly do: "set"; readonly key: string; readonly size: number; readonly ttlMs: number }
  | { readonly do: "touch"; readonly key: string; readonly ttlMs: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "configure"; readonly config: Config };

/** Small caches, and caches of values that are large enough for a write in slices. */
const config: fc.Arbitrary<Config> = fc
  .record({
    store: fc.constantFrom("lru" as const, "blocks" as const),
    maxBytes: fc.oneof(
      fc.integer({ min: 400, max: 4_000 }),
      fc.integer({ min: 400_000, max: 1_600_000 }),
    ),
    share: fc.double({ min: 0.1, max: 1, noNaN: true }),
    maxEntries: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  })
  .map(({ share, maxEntries, ...rest }) => ({
    ...rest,
    maxEntryBytes: Math.ceil(share * rest.maxBytes),
    ...(maxEntries === undefined ? {} : { maxEntries }),
  }));

const key = fc.constantFrom(...KEYS);
const ttlMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }));
const size = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 260_000, max: 400_000 }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("get"), key }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("set"), key, size, ttlMs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete"), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch"), key, ttlMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.nat({ max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("configure"), config }) },
);

function chargeOf({ store }: Config): StoreUnderTest["chargeOf"] {
  return STORES[store === "lru" ? 0 : 1].chargeOf;
}

function decode(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString();
}

/** Applies the same operations to a provider and to its model. */
class Comparison {
  readonly clock = new FakeClock();
  readonly cache: MemoryCacheProvider;
  readonly model: CacheModel;
  #config: Config;
  #writes = 0;
  #refusals = 0;

  constructor(config: Config) {
    this.#config = config;
    this.cache = createMemoryCacheProvider({ config, clock: this.clock });
    this.model = new CacheModel(config, chargeOf(config));
  }

  async apply(step: Operation, index: number): Promise<void> {
    const { cache, model, clock } = this;
    const deadline = (ttl: number): number => (ttl === 0 ? Infinity : clock.nowMs + ttl);
    switch (step.do) {
      case "get":
        expect(decode(await cache.get(step.key))).toBe(model.get(step.key));
        break;
      case "set": {
        const value = `${index}:`.padEnd(step.size, "v").slice(0, step.size);
        const isStored = await this.set(step.key, value, step.ttlMs);
        expect(isStored).toBe(model.set(step.key, value, deadline(step.ttlMs)));
        break;
      }
      case "delete":
        expect(await cache.delete(step.key)).toBe(model.delete(step.key));
        break;
      case "touch": {
        const isTouched = await cache.touch(step.key, step.ttlMs);
        expect(isTouched).toBe(model.touch(step.key, deadline(step.ttlMs)));
        break;
      }
      case "advance":
        clock.advance(step.ms);
        model.expire(clock.nowMs);
        break;
      case "configure":
        await cache.configureProvider("", { ...step.config });
        if (step.config.store === this.#config.store) model.resize(step.config);
        else model.move(step.config, chargeOf(step.config));
        this.#config = step.config;
        break;
    }
  }

  /** Returns false when the entry is too large. */
  async set(key: string, value: string, ttlMs: number): Promise<boolean> {
    try {
      await this.cache.set(key, Buffer.from(value), { ttlMs });
      this.#writes++;
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(CacheError);
      this.#refusals++;
      return false;
    }
  }

  assertAlike(): void {
    const { cache, model } = this;
    const live = Array.from(cache.keys(), (each) => cache.peek(each));
    expect(live.map((entry) => ({ ...entry, value: decode(entry?.value) }))).toEqual(model.listed);
    const { entries, bytes, maxBytes, ...counts } = cache.statistics();
    expect(entries).toBe(live.length + model.expired - counts.expired);
    expect(bytes).toBeGreaterThanOrEqual(model.bytes);
    expect(bytes).toBeLessThanOrEqual(this.#config.maxBytes);
    expect(maxBytes).toBe(this.#config.maxBytes);
    expect(counts).toMatchObject({ sets: this.#writes, refused: this.#refusals });
    expect(entries).toBe(
      counts.sets - counts.overwrites - counts.deletes - counts.expired - counts.evicted,
    );
  }
}

test("a provider agrees with the model after every operation, reconfiguration included", async () => {
  await fc.assert(
    fc.asyncProperty(
      config,
      fc.array(operation, { maxLength: 40 }),
      async (initial, operations) => {
        const comparison = new Comparison(initial);
        for (const [index, step] of operations.entries()) {
          await comparison.apply(step, index);
          comparison.assertAlike();
        }
        await comparison.cache.closeProvider();
      },
    ),
    { numRuns: sizeOf({ sample: 100, full: 1000 }) },
  );
});
