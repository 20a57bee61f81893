import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ExpirySweeper } from "../../src/memory/expiry-sweeper.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { FakeClock } from "../support/fake-clock.js";
import { STORES } from "./stores.js";

const LIMITS = { maxBytes: 64 * 2 ** 20, maxEntryBytes: 1024 };
const VALUE = Buffer.from("value");
const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.each(STORES)("$name store", ({ name, create }) => {
  test.each([
    ["1 ms", 1],
    ["2^31-1 ms", 2 ** 31 - 1],
    ["2^31 ms", 2 ** 31],
    ["400 days", 400 * DAY_MS],
    ["10,000 years", 315_576_000_000_000],
  ])("an entry expires exactly at its TTL: %s", (_name, ttlMs) => {
    for (const start of [0, 12_345]) {
      const clock = new FakeClock(start);
      const store = create(LIMITS, clock);
      store.set("written", VALUE, ttlMs);
      store.set("touched", VALUE, 0);
      store.touch("touched", ttlMs);
      clock.nowMs = start + ttlMs - 1;
      expect(store.get("written")).toEqual(new Uint8Array(VALUE));
      expect(store.get("touched")).toBeDefined();
      clock.nowMs = start + ttlMs;
      expect(store.get("written")).toBeUndefined();
      expect(store.get("touched")).toBeUndefined();
      expect(store.statistics()).toMatchObject({ entries: 0, bytes: 0, expired: 2 });
    }
  });

  test("a jump of the wall clock in either direction does not affect TTLs", async () => {
    const cache = createMemoryCacheProvider({ config: { ...LIMITS, store: name } });
    await cache.set("short", VALUE, { ttlMs: 60_000 });
    for (const jumpMs of [400 * DAY_MS, -400 * DAY_MS]) {
      const realNow = Date.now();
      vi.spyOn(Date, "now").mockReturnValue(realNow + jumpMs);
      expect(await cache.get("short")).toBeDefined();
      expect(await cache.touch("short", 60_000)).toBe(true);
      vi.restoreAllMocks();
    }
    await cache.closeProvider();
  });

  test("delete and touch return false for an expired entry", () => {
    const clock = new FakeClock();
    const store = create(LIMITS, clock);
    store.set("a", VALUE, 5);
    store.set("b", VALUE, 5);
    clock.advance(5);
    expect(store.delete("a")).toBe(false);
    expect(store.touch("b", 100)).toBe(false);
    expect(store.get("b")).toBeUndefined();
  });

  test("a recently used expired entry is removed before a live one is evicted", () => {
    const clock = new FakeClock();
    const store = create({ ...LIMITS, maxEntries: 3 }, clock);
    store.set("oldest, live", VALUE, 0);
    store.set("live", VALUE, 0);
    store.set("newest, expired", VALUE, 10);
    store.get("newest, expired");
    clock.advance(10);
    store.set("one more", VALUE, 0);
    expect(store.statistics()).toMatchObject({ evicted: 0, expired: 1, entries: 3 });
    expect(store.get("oldest, live")).toBeDefined();
  });

  test("a million writes and touches of one key leave one entry", () => {
    const clock = new FakeClock();
    const store = create(LIMITS, clock);
    for (let i = 0; i < 500_000; i++) {
      store.set("key", VALUE, 1 + (i % 1000));
      store.touch("key", 1 + (i % 700));
    }
    const { entries, bytes } = store.statistics();
    expect(entries).toBe(1);
    expect(bytes).toBeLessThan(400);
    clock.advance(1000);
    expect(store.reclaimExpired(1)).toBe(true);
    expect(store.nextDeadline).toBe(Infinity);
  });

  test("the sweeper removes expired entries without a read", async () => {
    vi.useFakeTimers();
    const clock = new FakeClock();
    const store = create(LIMITS, clock);
    const sweeper = new ExpirySweeper(clock);
    sweeper.watch(store);
    const pass = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await vi.advanceTimersByTimeAsync(ms);
    };
    store.set("far", VALUE, 40 * DAY_MS);
    sweeper.reschedule();
    store.set("near", VALUE, 50);
    sweeper.reschedule();
    await pass(49);
    expect(store.statistics().entries).toBe(2);
    await pass(20);
    expect(store.statistics().entries).toBe(1);
    // Longer than the longest delay of a timer.
    for (let day = 0; day < 41; day++) await pass(DAY_MS);
    expect(store.statistics()).toMatchObject({ entries: 0, expired: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a sweep of 200,000 entries yields to the event loop in between", async () => {
    const clock = new FakeClock();
    const store = create(LIMITS, clock);
    for (let i = 0; i < 200_000; i++) store.set(`key:${i}`, VALUE, 5);
    const sweeper = new ExpirySweeper(clock);
    clock.advance(5);
    sweeper.watch(store);
    let turns = 0;
    while (store.statistics().entries > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    sweeper.stop();
    expect(turns).toBeGreaterThan(10);
  });

  test("a sweep continues in an idle process", async () => {
    const clock = new FakeClock();
    const store = create(LIMITS, clock);
    for (let i = 0; i < 20_000; i++) store.set(`key:${i}`, VALUE, 5);
    const sweeper = new ExpirySweeper(clock);
    clock.advance(5);
    sweeper.watch(store);
    // A single wait: a check in between would be an event that wakes the process.
    await delay(1_000);
    expect(store.statistics().entries).toBe(0);
  });

  test("a stopped sweeper sets no timer", () => {
    vi.useFakeTimers();
    const store = create(LIMITS, new FakeClock());
    const sweeper = new ExpirySweeper(new FakeClock());
    store.set("key", VALUE, 5);
    sweeper.watch(store);
    expect(vi.getTimerCount()).toBe(1);
    sweeper.stop();
    sweeper.reschedule();
    expect(vi.getTimerCount()).toBe(0);
  });
});
