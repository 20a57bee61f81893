import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import type { CacheStore, StoreLimits } from "../../src/memory/cache-store.js";
import { moveEntries } from "../../src/memory/move-entries.js";
import { createOperationCounts } from "../../src/memory/statistics.js";
import { FakeClock } from "../support/fake-clock.js";
import { sizeOf } from "../support/sample.js";
import { CacheModel } from "./cache-model.js";
import { entriesOf, STORES, type StoreUnderTest } from "./stores.js";

/** Few keys, so that operations share them. Some are unusual, and one is longer than a block. */
const KEYS = ["", "a", "b", "c", "__proto__", "constructor", "é\0\n", "🗝", "k".repeat(130)];

type Operation =
  | { readonly do: "get" | "delete"; readonly key: string }
  | {
      readonly do: "set";
      readonly key: string;
      readonly size: number;
      readonly ttlMs: number;
      /** The number of entries that a step removes before the write; 0 for no steps. */
      readonly stepEntries: number;
    }
  | { readonly do: "touch"; readonly key: string; readonly ttlMs: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "reclaim"; readonly limit: number }
  | { readonly do: "resize"; readonly limits: StoreLimits }
  | { readonly do: "tighten"; readonly room: number };

const limits: fc.Arbitrary<StoreLimits> = fc
  .record({
    maxBytes: fc.integer({ min: 60, max: 3200 }),
    maxEntryBytes: fc.integer({ min: 1, max: 300 }),
    maxEntries: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  })
  .map(({ maxEntries, ...rest }) => (maxEntries === undefined ? rest : { ...rest, maxEntries }));

const key = fc.constantFrom(...KEYS);
const ttlMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("get"), key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("set"),
      key,
      size: fc.nat({ max: 260 }),
      ttlMs,
      stepEntries: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete"), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch"), key, ttlMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reclaim"), limit: fc.nat({ max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resize"), limits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tighten"), room: fc.nat({ max: 120 }) }) },
);

function decode(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString();
}

/** Applies the same operations to a store and to its model. */
class Comparison {
  readonly clock = new FakeClock();
  readonly counts = createOperationCounts();
  readonly store: CacheStore;
  readonly model: CacheModel;
  reads = 0;
  writes = 0;
  refusals = 0;

  constructor(
    readonly underTest: StoreUnderTest,
    public config: StoreLimits,
  ) {
    this.store = underTest.create(config, this.clock, this.counts);
    this.model = new CacheModel(config, underTest.chargeOf);
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
        this.makeRoom(step);
        const { evicted } = this.counts;
        if (model.set(step.key, value, deadline(step.ttlMs))) {
          this.writes++;
          store.set(step.key, Buffer.from(value), step.ttlMs);
          if (step.stepEntries > 0) expect(this.counts.evicted).toBe(evicted);
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
      case "resize":
        this.resize(step.limits);
        break;
      case "tighten":
        // Just above the current size, so that an entry fits without a TTL, but not with one.
        this.resize({ ...this.config, maxBytes: Math.max(60, model.bytes + step.room) });
        break;
    }
  }

  makeRoom({ key, size, ttlMs, stepEntries }: Extract<Operation, { do: "set" }>): void {
    if (stepEntries === 0) return;
    while (!this.store.makeRoomFor(key, size, ttlMs, stepEntries));
  }

  resize(limits: StoreLimits): void {
    this.config = limits;
    this.model.resize(limits);
    while (!this.store.resize(limits, 1));
  }

  /** From either end, and from the middle. */
  assertKeyOrder(): void {
    const keys = entriesOf(this.store).map(({ key }) => key);
    const skip = keys.length >> 1;
    expect([...this.store.keys({ skip })]).toEqual(keys.slice(skip));
    expect([...this.store.keys({ newestFirst: true, skip })]).toEqual(
      keys.toReversed().slice(skip),
    );
  }

  assertAlike(): void {
    const before = this.store.statistics();
    const live = entriesOf(this.store);
    expect(live.map((entry) => ({ ...entry, value: decode(entry.value) }))).toEqual(
      this.model.listed,
    );
    const statistics = this.store.statistics();
    expect(statistics).toEqual(before);
    // Expired entries that are not yet removed still count.
    const unreclaimed = this.model.expired - statistics.expired;
    expect(statistics.entries).toBe(live.length + unreclaimed);
    if (unreclaimed === 0) expect(statistics.bytes).toBe(this.model.bytes);
    expect(statistics.bytes).toBeGreaterThanOrEqual(this.model.bytes);
    expect(statistics.bytes).toBeLessThanOrEqual(this.config.maxBytes);
    expect(statistics.maxBytes).toBe(this.config.maxBytes);
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

describe.each(STORES)("$name store", (underTest) => {
  test("agrees with the model after every operation of any sequence", () => {
    fc.assert(
      fc.property(limits, fc.array(operation, { maxLength: 60 }), (config, operations) => {
        const comparison = new Comparison(underTest, config);
        operations.forEach((step, index) => {
          comparison.apply(step, index);
          comparison.assertAlike();
        });
        comparison.assertKeyOrder();
      }),
      { numRuns: sizeOf({ sample: 1000, full: 3000 }) },
    );
  });

  test("touch evicts an entry whose charge with a TTL exceeds a lowered bound", () => {
    const clock = new FakeClock();
    const store = underTest.create({ maxBytes: 200_000, maxEntryBytes: 200_000 }, clock);
    store.set("key", Buffer.alloc(100_000, 7), 0);
    const { bytes } = store.statistics();
    expect(store.resize({ maxBytes: bytes + 10, maxEntryBytes: 200_000 }, 1)).toBe(true);
    if (store.touch("key", 1000)) expect(store.get("key")).toHaveLength(100_000);
    else expect(store.statistics()).toMatchObject({ entries: 0, evicted: 1, bytes: 0 });
    expect([...store.keys()]).toHaveLength(store.statistics().entries);
  });

  test("an entry expires exactly at its deadline, for any fraction of a millisecond", () => {
    const clock = new FakeClock(130_515.219_205_709_07);
    const store = underTest.create({ maxBytes: 2 ** 20, maxEntryBytes: 1000 }, clock);
    for (let i = 0; i < 20_000; i++) {
      clock.advance(Math.abs(Math.sin(i)) * 10);
      store.set("key", Buffer.of(1), 886);
      const deadline = store.nextDeadline;
      clock.nowMs = deadline;
      if (store.get("key") !== undefined) expect.fail(`alive at its deadline ${deadline}`);
    }
  });

  test("a clock that advances during a write breaks neither the bound nor the counts", () => {
    const clock = new FakeClock();
    const moving = { now: () => (clock.nowMs += 0.25) };
    const maxBytes = 20_000;
    const store = underTest.create({ maxBytes, maxEntryBytes: 10_000 }, moving);
    for (let i = 0; i < 20_000; i++) {
      store.set(`key:${i % 37}`, Buffer.alloc((i * 7919) % 3000), i % 3 === 0 ? 0 : 1 + (i % 40));
      const now = store.statistics();
      if (now.bytes > maxBytes) expect.fail(`${now.bytes} bytes after write ${i}`);
      const left = now.sets - now.overwrites - now.deletes - now.expired - now.evicted;
      if (now.entries !== left) expect.fail(`${now.entries} entries, ${left} by the counts`);
    }
  });

  test("makeRoomFor removes in steps what set would remove at once", () => {
    const clock = new FakeClock();
    const limits = { maxBytes: 100_000, maxEntryBytes: 50_000 };
    const store = underTest.create(limits, clock);
    for (let i = 0; i < 1000; i++) store.set(`key:${i}`, Buffer.alloc(100), i % 10 === 0 ? 5 : 0);
    clock.advance(5);
    let steps = 1;
    while (!store.makeRoomFor("large", 40_000, 0, 10)) steps++;
    expect(steps).toBeGreaterThan(10);
    const { bytes, evicted, expired } = store.statistics();
    const charge = underTest.chargeOf("large", 40_000, false);
    expect(bytes + charge).toBeLessThanOrEqual(100_000);
    expect(bytes + charge).toBeGreaterThan(99_000);
    store.set("large", Buffer.alloc(40_000), 0);
    expect(store.statistics()).toMatchObject({ evicted, expired });
  });

  test("during an unfinished resize, writes work and never add to the excess", () => {
    const clock = new FakeClock();
    const store = underTest.create({ maxBytes: 100_000, maxEntryBytes: 1000 }, clock);
    for (let i = 0; i < 100; i++) store.set(`key:${i}`, Buffer.alloc(100), 0);
    const smaller = { maxBytes: 5_000, maxEntryBytes: 1000, maxEntries: 10 };
    let { bytes, entries } = store.statistics();
    expect(store.resize(smaller, 3)).toBe(false);
    for (let i = 0; i < 20; i++) {
      store.set(`new:${i}`, Buffer.alloc(110), 0);
      expect(store.get(`new:${i}`)).toHaveLength(110);
      const now = store.statistics();
      expect(now.bytes).toBeLessThanOrEqual(bytes);
      expect(now.entries).toBeLessThanOrEqual(entries);
      ({ bytes, entries } = now);
    }
    while (!store.resize(smaller, 3));
    expect(store.statistics().entries).toBeLessThanOrEqual(10);
    expect(store.get("new:19")).toHaveLength(110);
  });
});

test("20,000 expired entries do not slow down a move, and no count decreases", async () => {
  const clock = new FakeClock();
  const counts = createOperationCounts();
  const limits = { maxBytes: 64 * 2 ** 20, maxEntryBytes: 1000 };
  const lru = STORES[0].create(limits, clock, counts);
  const blocks = STORES[1].create(limits, clock, counts);
  for (let i = 0; i < 20_000; i++) lru.set(`old:${i}`, Buffer.of(1), 5);
  for (let i = 0; i < 5_000; i++) lru.set(`key:${i}`, Buffer.of(1), 0);
  clock.advance(5);
  const readings = new Set<string>();
  const watch = setInterval(() => readings.add(`${counts.sets} ${counts.deletes}`), 0);
  await moveEntries(lru, blocks, clock, counts);
  clearInterval(watch);
  expect(blocks.statistics()).toMatchObject({ entries: 5_000, expired: 20_000, sets: 25_000 });
  expect([...readings]).toEqual(["25000 0"]);
});

test("vacant slots of the lru store count against its bound", () => {
  const maxBytes = 64 * 2 ** 20;
  const store = STORES[0].create({ maxBytes, maxEntryBytes: 2 ** 20 }, new FakeClock());
  for (let i = 0; i < 240_000; i++) store.set(`key:${i}`, Buffer.alloc(0), 0);
  const peak = store.statistics().entries;
  for (let i = 0; i < 1_200; i++) store.set(`large:${i}`, Buffer.alloc(60_000), 0);
  const { entries, bytes } = store.statistics();
  expect(entries).toBeLessThan(1_200);
  expect(bytes).toBeLessThanOrEqual(maxBytes - 64 * (peak - entries - 65_536));
});
