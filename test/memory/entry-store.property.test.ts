import fc from "fast-check";
import { expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { EntryStore } from "../../src/memory/entry-store.js";
import type { MemoryCacheConfig } from "../../src/memory/memory-cache-config.js";
import { FakeClock } from "../support/fake-clock.js";
import { CacheModel, costOf } from "./cache-model.js";

/** Few keys, so that operations meet; some of them awkward, one longer than a block. */
const KEYS = ["", "a", "b", "c", "__proto__", "constructor", "é\0\n", "🗝", "k".repeat(130)];

type Operation =
  | { readonly do: "get" | "delete"; readonly key: string }
  | { readonly do: "set"; readonly key: string; readonly size: number; readonly ttlMs: number }
  | { readonly do: "touch"; readonly key: string; readonly ttlMs: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "reclaim"; readonly limit: number };

const key = fc.constantFrom(...KEYS);
const ttlMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("get"), key }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("set"), key, size: fc.nat({ max: 260 }), ttlMs }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete"), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch"), key, ttlMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reclaim"), limit: fc.nat({ max: 4 }) }) },
);

const limits: fc.Arbitrary<MemoryCacheConfig> = fc
  .record({
    maxBytes: fc.integer({ min: 60, max: 1600 }),
    maxEntryBytes: fc.integer({ min: 1, max: 300 }),
    maxEntries: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  })
  .map(({ maxEntries, ...rest }) => (maxEntries === undefined ? rest : { ...rest, maxEntries }));

function decode(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString();
}

class Comparison {
  readonly clock = new FakeClock();
  readonly store: EntryStore;
  readonly model: CacheModel;
  reads = 0;
  writes = 0;
  refusals = 0;

  constructor(readonly config: MemoryCacheConfig) {
    this.store = new EntryStore(config, this.clock);
    this.model = new CacheModel(config);
  }

  apply(step: Operation, index: number): void {
    const { store, model, clock } = this;
    const deadline = (ttl: number): number => (ttl === 0 ? Infinity : clock.nowMs + ttl);
    switch (step.do) {
      case "get":
        this.reads++;
        expect(decode(store.get(step.key))).toBe(model.get(step.key));
        break;
      case "set": {
        const value = `${index}:`.padEnd(step.size, "v").slice(0, step.size);
        if (model.set(step.key, value, deadline(step.ttlMs))) {
          this.writes++;
          expect(store.set(step.key, Buffer.from(value), step.ttlMs)).toBe(true);
        } else {
          this.refusals++;
          expect(() => store.set(step.key, Buffer.from(value), step.ttlMs)).toThrow(CacheError);
        }
        break;
      }
      case "delete":
        expect(store.delete(step.key)).toBe(model.delete(step.key));
        break;
      case "touch":
        expect(store.touch(step.key, step.ttlMs)).toBe(model.touch(step.key, deadline(step.ttlMs)));
        break;
      case "advance":
        clock.advance(step.ms);
        model.expire(clock.nowMs);
        break;
      case "reclaim":
        store.reclaimExpired(step.limit);
        break;
    }
  }

  assertAlike(): void {
    const held = [...this.store.entries()];
    const live = held.filter((entry) => this.clock.nowMs < entry.deadline);
    const statistics = this.store.statistics();
    const sum = held.reduce((bytes, entry) => bytes + costOf(entry.key, entry.value.length), 0);

    expect(live.map((entry) => ({ ...entry, value: decode(entry.value) }))).toEqual(
      this.model.entries,
    );
    expect(statistics.entries).toBe(held.length);
    expect(statistics.bytes).toBe(sum);
    expect(statistics.bytes).toBeLessThanOrEqual(this.config.maxBytes);
    expect(statistics.entries).toBeLessThanOrEqual(this.config.maxEntries ?? Infinity);
    expect(statistics.hits + statistics.misses).toBe(this.reads);
    expect(statistics.sets).toBe(this.writes);
    expect(statistics.refused).toBe(this.refusals);
    expect(statistics.entries).toBe(
      statistics.sets -
        statistics.overwrites -
        statistics.deletes -
        statistics.expired -
        statistics.evicted,
    );
  }
}

test("any sequence of operations leaves store and model alike after every step", () => {
  fc.assert(
    fc.property(limits, fc.array(operation, { maxLength: 60 }), (config, operations) => {
      const comparison = new Comparison(config);
      operations.forEach((step, index) => {
        comparison.apply(step, index);
        comparison.assertAlike();
      });
    }),
    { numRuns: 4000 },
  );
});

test("a store that takes over keeps what fits, the most recently used first", () => {
  fc.assert(
    fc.property(limits, limits, fc.array(operation, { maxLength: 40 }), (before, after, steps) => {
      const old = new Comparison(before);
      steps.forEach((step, index) => old.apply(step, index));
      const expected = new CacheModel(after);
      for (const entry of old.model.entries) expected.set(entry.key, entry.value, entry.deadline);

      const store = new EntryStore(after, old.clock);
      store.adopt(old.store);

      const kept = [...store.entries()];
      expect(kept.map((entry) => ({ ...entry, value: decode(entry.value) }))).toEqual(
        expected.entries,
      );
      expect(store.statistics().bytes).toBe(expected.bytes);
    }),
    { numRuns: 1000 },
  );
});
