import { expect, test } from "vitest";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { FakeClock } from "../support/fake-clock.js";

const MIB = 2 ** 20;

/** Above this a value is written in slices. */
const SLICED_BYTES = 6 * MIB;

const config = { maxBytes: 32 * MIB, maxEntryBytes: 24 * MIB };

/** Bytes that differ from place to place, so that a slice in the wrong one is noticed. */
function pattern(length: number, seed: number): Uint8Array {
  const period = Uint8Array.from({ length: 65_537 }, (_, index) => (index * 31 + seed) & 0xff);
  return Buffer.alloc(length, period);
}

/** Compared as a whole; the assertion that explains would take minutes. */
async function holds(
  cache: ReturnType<typeof createMemoryCacheProvider>,
  key: string,
  value: Uint8Array,
) {
  return Buffer.compare((await cache.get(key)) ?? new Uint8Array(), value) === 0;
}

test.each([SLICED_BYTES + 1, 20 * MIB + 7])("a value of %d bytes is stored whole", async (size) => {
  const clock = new FakeClock();
  const cache = createMemoryCacheProvider({ config, clock });
  const value = pattern(size, 1);
  await cache.set("small", new Uint8Array(10));
  const { bytes } = cache.statistics();
  const written = cache.set("large", value, { ttlMs: 1_000 });
  expect(written).toBeInstanceOf(Promise);
  expect(cache.get("large")).toBeUndefined();
  await written;
  expect(await holds(cache, "large", value)).toBe(true);
  expect(cache.statistics()).toMatchObject({ entries: 2, sets: 2, overwrites: 0, evicted: 0 });
  clock.advance(1_000);
  expect(cache.get("large")).toBeUndefined();
  expect(cache.statistics()).toMatchObject({ entries: 1, bytes, expired: 1 });
});

test("it takes the place of what was there, and counts as an overwrite", async () => {
  const cache = createMemoryCacheProvider({ config });
  await cache.set("key", pattern(10 * MIB, 1));
  await cache.set("key", pattern(12 * MIB, 2), { ttlMs: 60_000 });
  expect(await holds(cache, "key", pattern(12 * MIB, 2))).toBe(true);
  expect(cache.statistics()).toMatchObject({ entries: 1, sets: 2, overwrites: 1 });
  await cache.set("key", new Uint8Array(1));
  expect(cache.get("key")).toEqual(new Uint8Array(1));
  await cache.closeProvider();
});

test("two at once, more than fits: the bound holds, and the last one stays", async () => {
  const cache = createMemoryCacheProvider({ config });
  let highest = 0;
  const watching = setInterval(() => (highest = Math.max(highest, cache.statistics().bytes)), 0);
  const first = cache.set("first", pattern(20 * MIB, 1));
  const second = cache.set("second", pattern(20 * MIB, 2));
  const small = cache.set("small", new Uint8Array(5 * MIB));
  await Promise.all([first, second, small]);
  clearInterval(watching);
  expect(highest).toBeGreaterThan(20 * MIB);
  expect(highest).toBeLessThanOrEqual(config.maxBytes);
  expect(cache.statistics().bytes).toBeLessThanOrEqual(config.maxBytes);
  expect(cache.get("first")).toBeUndefined();
  expect(await holds(cache, "second", pattern(20 * MIB, 2))).toBe(true);
});

test("maxEntries holds for it too", async () => {
  const cache = createMemoryCacheProvider({ config: { ...config, maxEntries: 2 } });
  const written = cache.set("large", pattern(SLICED_BYTES + 1, 1));
  for (const key of ["a", "b", "c"]) await cache.set(key, new Uint8Array(1));
  await written;
  expect(cache.statistics()).toMatchObject({ entries: 2, evicted: 2 });
  expect(cache.get("large")).toHaveLength(SLICED_BYTES + 1);
});

/** A cache that has validated a configuration before: the next one then takes effect at once. */
async function createConfigured(): Promise<ReturnType<typeof createMemoryCacheProvider>> {
  const cache = createMemoryCacheProvider();
  await cache.configureProvider("", { ...config });
  return cache;
}

test("it is not lost when the limits change while it is being written", async () => {
  const cache = await createConfigured();
  await cache.set("small", new Uint8Array(1));
  const written = cache.set("large", pattern(20 * MIB, 1));
  await cache.configureProvider("", { maxBytes: 40 * MIB, maxEntryBytes: 24 * MIB });
  await written;
  expect(await holds(cache, "large", pattern(20 * MIB, 1))).toBe(true);
  expect(cache.get("small")).toHaveLength(1);
  expect(cache.statistics()).toMatchObject({ entries: 2, maxBytes: 40 * MIB });
});

test("a limit that changes meanwhile and forbids it is an error", async () => {
  const cache = await createConfigured();
  const written = cache.set("large", pattern(20 * MIB, 1));
  await cache.configureProvider("", { maxBytes: 40 * MIB, maxEntryBytes: 8 * MIB });
  await expect(written).rejects.toThrow(/above maxEntryBytes \(8388608\)/);
  expect(cache.statistics()).toMatchObject({ entries: 0, bytes: 0 });
});
