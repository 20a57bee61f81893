import { describe, expect, test } from "vitest";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { FakeClock } from "../support/fake-clock.js";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe("values", () => {
  test("set stores a copy, and get returns a copy", async () => {
    const cache = createMemoryCacheProvider();
    const original = bytes("abc");
    await cache.set("key", original);
    original.fill(0);
    const first = await cache.get("key");
    expect(first).toEqual(bytes("abc"));
    first?.fill(0);
    expect(await cache.get("key")).toEqual(bytes("abc"));
  });

  test("an empty value is found", async () => {
    const cache = createMemoryCacheProvider();
    await cache.set("key", new Uint8Array());
    expect(await cache.get("key")).toEqual(new Uint8Array());
  });

  test.each([
    "",
    "\0",
    "a\nb",
    "__proto__",
    "constructor",
    "🗝️",
    "é",
    "\ufeffbom",
    "k".repeat(100_000),
  ])("any key is a key: %j", async (key) => {
    const cache = createMemoryCacheProvider();
    await cache.set(`${key}?`, bytes("other"));
    await cache.set(key, bytes("value"));
    expect(await cache.get(key)).toEqual(bytes("value"));
    expect((await cache.getMany([key]))[key]).toEqual(bytes("value"));
    expect(await cache.delete(key)).toBe(true);
    expect(await cache.get(`${key}?`)).toEqual(bytes("other"));
  });

  test("a key with a lone surrogate fails with invalid_argument", () => {
    const cache = createMemoryCacheProvider();
    expect(() => cache.set("\ud800", bytes("value"))).toThrow("key must be well-formed Unicode");
  });

  test("values of every size around block boundaries are returned unchanged", async () => {
    const cache = createMemoryCacheProvider();
    for (let size = 0; size < 400; size++) {
      const value = Uint8Array.from({ length: size }, (_, i) => i ^ size);
      await cache.set("key", value);
      expect(await cache.get("key")).toEqual(value);
    }
  });
});

describe("an entry that is too large", () => {
  test("fails with its key, size and limit, and the previous entry stays", async () => {
    const cache = createMemoryCacheProvider({ config: { maxBytes: 10_000, maxEntryBytes: 100 } });
    await cache.set("key", bytes("old"));
    expect(() => cache.set("key", new Uint8Array(98))).toThrow(
      'entry too large: key "key" is 101 bytes, above maxEntryBytes (100)',
    );
    expect(await cache.get("key")).toEqual(bytes("old"));
    await cache.set("key", new Uint8Array(97));
    expect(cache.statistics().refused).toBe(1);
  });

  test("is compared with maxBytes by its charge", () => {
    const cache = createMemoryCacheProvider({ config: { maxBytes: 1000, maxEntryBytes: 1000 } });
    expect(() => cache.set("key", new Uint8Array(990))).toThrow(/above maxBytes \(1000\)/);
  });

  test("has a shortened key in the message", () => {
    const cache = createMemoryCacheProvider({ config: { maxBytes: 1000, maxEntryBytes: 10 } });
    expect(() => cache.set("k".repeat(5000), bytes("v"))).toThrow(/^.{1,200}$/);
  });
});

test.each(["lru", "blocks"] as const)(
  "writing a large value that displaces thousands of entries yields to the event loop (%s)",
  async (store) => {
    const config = { store, maxBytes: 8 * 2 ** 20, maxEntryBytes: 4_194_287 };
    const cache = createMemoryCacheProvider({ config });
    for (let i = 0; i < 100_000; i++) void cache.set(`key:${i}`, bytes("v"));
    const { evicted } = cache.statistics();
    const large = new Uint8Array(4 * 2 ** 20 - 100).fill(7);
    const written = cache.set("large", large, { ttlMs: 60_000 });
    expect(written).toBeInstanceOf(Promise);
    large.fill(0);
    const readings: number[] = [];
    const others = setInterval(() => readings.push(cache.statistics().bytes), 0);
    await written;
    clearInterval(others);
    expect(readings.length).toBeGreaterThan(1);
    expect(cache.statistics().evicted).toBeGreaterThan(evicted + 5_000);
    expect(cache.statistics().bytes).toBeLessThanOrEqual(config.maxBytes);
    expect((await cache.get("large"))?.every((byte) => byte === 7)).toBe(true);
    expect(() => cache.set("larger", new Uint8Array(5 * 2 ** 20))).toThrow(/maxEntryBytes/);
    await cache.closeProvider();
  },
);

describe.each(["lru", "blocks"] as const)("a large value in a full %s store", (store) => {
  const KIB = 2 ** 10;
  const config = { store, maxBytes: 4_096 * KIB, maxEntryBytes: 4_094 * KIB };

  async function fullCache() {
    const cache = createMemoryCacheProvider({ config });
    while (cache.statistics().evicted === 0) {
      await cache.set(`key:${cache.statistics().sets}`, new Uint8Array(300 * KIB));
    }
    return cache;
  }

  test("replaces a value of the same size and evicts nothing", async () => {
    const cache = await fullCache();
    const keys = [...cache.keys()];
    await cache.set(keys[0] ?? "", new Uint8Array(300 * KIB).fill(1));
    expect([...cache.keys()].sort()).toEqual(keys.sort());
    expect(cache.statistics()).toMatchObject({ evicted: 1, overwrites: 1 });
  });

  test.each([
    { why: "alone takes more than maxBytes", key: "key", bytes: 4_050 * KIB },
    {
      why: "has a key that takes it above maxEntryBytes",
      key: "k".repeat(KIB),
      bytes: 4_094 * KIB,
    },
  ])("evicts nothing when it $why", async ({ key, bytes: size }) => {
    const cache = await fullCache();
    const keys = [...cache.keys()];
    await expect((async () => cache.set(key, new Uint8Array(size)))()).rejects.toThrow(
      "entry too large",
    );
    expect([...cache.keys()]).toEqual(keys);
    expect(cache.statistics()).toMatchObject({ evicted: 1, refused: 1 });
  });
});

test.each([
  [{ maxBytes: "lots" }, "/maxBytes: must be an integer or a string such as 64MiB"],
  [{ maxBytes: NaN }, "/maxBytes: must be an integer"],
  [{ maxbytes: 1000 }, "/maxbytes: unknown key; did you mean maxBytes?"],
  [{ maxEntries: 0 }, "/maxEntries: must be >= 1"],
  [{ store: "map" }, "/store: must be lru or blocks"],
  [{ shared: { url: "redis://localhost" } }, "/shared: this provider keeps entries in its memory"],
])("createMemoryCacheProvider refuses the configuration %j", (config, problem) => {
  expect(() => createMemoryCacheProvider({ config: config as never })).toThrow(problem);
});

test("createMemoryCacheProvider reads sizes as text, for callers in JavaScript", () => {
  const config = { maxBytes: "2MiB" as never, maxEntryBytes: 1000 };
  expect(createMemoryCacheProvider({ config }).statistics().maxBytes).toBe(2 * 2 ** 20);
});

describe("configuration", () => {
  test("new limits apply, and entries that fit keep their TTL", async () => {
    const clock = new FakeClock();
    const cache = createMemoryCacheProvider({ clock });
    for (const key of ["a", "b", "c"]) await cache.set(key, bytes(key), { ttlMs: 100 });
    await cache.get("a");
    await cache.configureProvider("session", { maxEntries: 2 });
    expect(cache.name).toBe("session");
    expect(Object.keys(await cache.getMany(["a", "b", "c"]))).toEqual(["a", "c"]);
    expect(cache.statistics()).toMatchObject({ entries: 2, evicted: 1, sets: 3 });
    clock.advance(100);
    expect(await cache.get("a")).toBeUndefined();
    await cache.closeProvider();
  });

  test("a full lru store keeps the entries that fit when maxBytes is lowered to a sixteenth", async () => {
    const cache = createMemoryCacheProvider();
    const keyOf = (index: number): string => String(index).padStart(8, "0");
    for (let i = 0; i < 240_000; i++) void cache.set(keyOf(i), bytes("v"));
    const { entries, bytes: full } = cache.statistics();
    const maxBytes = 4 * 2 ** 20;
    await cache.configureProvider("", { maxBytes });
    const kept = cache.statistics().entries;
    expect(kept).toBe(Math.floor(maxBytes / (full / entries)));
    expect([...cache.keys()].at(-1)).toBe(keyOf(239_999));
    for (let i = 0; i < kept; i++) void cache.set(`new${keyOf(i)}`.slice(-8), bytes("v"));
    expect(cache.statistics().entries).toBe(kept);
    await cache.closeProvider();
  });

  test("a wrong configuration changes nothing", async () => {
    const cache = createMemoryCacheProvider();
    await cache.set("key", bytes("value"));
    await expect(cache.configureProvider("n", { maxBytes: 0 })).rejects.toThrow(/maxBytes/);
    expect(cache.name).toBe("memory");
    expect(cache.statistics().maxBytes).toBe(64 * 2 ** 20);
    expect(await cache.get("key")).toEqual(bytes("value"));
  });
});

test("statistics count the operations", async () => {
  const clock = new FakeClock();
  const config = { maxBytes: 1000, maxEntryBytes: 1000, maxEntries: 2 };
  const cache = createMemoryCacheProvider({ clock, config });
  await cache.set("a", bytes("1"));
  await cache.set("a", bytes("2"));
  await cache.setMany([
    { key: "b", value: bytes("1") },
    { key: "c", value: bytes("1") },
  ]);
  await cache.getMany(["a", "b", "b"]);
  await cache.get("b");
  await cache.touch("b", 5);
  await cache.touch("nothing", 5);
  await cache.delete("c");
  await cache.delete("c");
  clock.advance(5);
  await cache.get("b");
  expect(cache.statistics()).toEqual({
    entries: 0,
    bytes: 0,
    maxBytes: 1000,
    hits: 2,
    misses: 2,
    sets: 4,
    overwrites: 1,
    deletes: 1,
    touches: 1,
    expired: 1,
    evicted: 1,
    refused: 0,
  });
});
