import { LRUCache } from "lru-cache";
import { describe, expect, test } from "vitest";
import type { CacheStore } from "../../src/memory/cache-store.js";
import { FakeClock } from "../support/fake-clock.js";
import { sampleOf } from "../support/sample.js";
import { STORES, type StoreUnderTest } from "./stores.js";

const VALUE = Buffer.alloc(8);

function storeOf(underTest: StoreUnderTest, maxEntries: number): CacheStore {
  const limits = { maxBytes: 2 ** 30, maxEntryBytes: 1024, maxEntries };
  return underTest.create(limits, new FakeClock());
}

/** A seeded source of numbers from 0 to 1 (mulberry32). */
function randomSource(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws ranks 0 to count-1 with probability proportional to 1/(rank+1)^s. */
function zipfSource(count: number, s: number, random: () => number): () => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) cumulative[rank] = sum += (rank + 1) ** -s;
  return () => {
    const target = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

describe.each(STORES)("$name store", (underTest) => {
  test.each(
    sampleOf(1, [
      // Che's approximation for 100,000 keys of which 5,000 fit.
      { s: 0.99, percent: 65.1 },
      { s: 0.7, percent: 24.9 },
      { s: 1.1, percent: 79.4 },
    ]),
  )("a Zipf trace with s = $s hits exactly as textbook LRU: $percent %", ({ s, percent }) => {
    const warmUp = 100_000;
    const draws = 300_000;
    const nextRank = zipfSource(100_000, s, randomSource(20_26));
    const store = storeOf(underTest, 5_000);
    const textbook = new LRUCache<string, boolean>({ max: 5_000 });
    let hits = 0;
    for (let draw = 0; draw < warmUp + draws; draw++) {
      const key = `key:${nextRank()}`;
      const hit = store.get(key) !== undefined;
      if (hit !== (textbook.get(key) !== undefined)) expect.fail(`draw ${draw} differs at ${key}`);
      if (!hit) {
        store.set(key, VALUE, 0);
        textbook.set(key, true);
      }
      if (hit && draw >= warmUp) hits++;
    }
    expect([...store.keys()]).toEqual([...textbook.rkeys()]);
    expect(Math.abs((100 * hits) / draws - percent)).toBeLessThan(0.5);
  });

  test.each([
    { room: 1_010, hits: 0 },
    { room: 1_011, hits: 9 * 1_011 },
  ])("ten laps over 1,011 keys with room for $room: $hits hits", ({ room, hits }) => {
    const store = storeOf(underTest, room);
    for (let lap = 0; lap < 10; lap++) {
      for (let i = 0; i < 1_011; i++) {
        if (store.get(`key:${i}`) === undefined) store.set(`key:${i}`, VALUE, 0);
      }
    }
    expect(store.statistics().hits).toBe(hits);
  });
});
