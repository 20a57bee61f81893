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

describe.each(["lru", "blocks"] as const)("a large value in a full cache (%s)", (store) => {
  const MIB = 2 ** 20;
  const fillWithSmall = (config: { maxBytes: number; maxEntryBytes: number }) => {
    const cache = createMemoryCacheProvider({ config: { store, ...config } });
    for (let i = 0; cache.statistics().evicted < 100; i++) void cache.set(`key:${i}`, bytes("v"));
    return cache;
  };

  test("evicts no other entry when it replaces one of its size", async () => {
    const cache = fillWithSmall({ maxBytes: 4 * MIB, maxEntryBytes: 2 * MIB });
    await cache.set("large", new Uint8Array(MIB));
    const { evicted, entries } = cache.statistics();
    for (const byte of [1, 2, 3]) {
      await cache.set("large", new Uint8Array(MIB).fill(byte));
      expect((await cache.get("large"))?.every((each) => each === byte)).toBe(true);
    }
    await cache.set("large", new Uint8Array(MIB / 2));
    expect(cache.statistics()).toMatchObject({ evicted, entries, overwrites: 4 });
    await cache.closeProvider();
  });

  test.each([
    ["maxEntryBytes, with its key", { maxEntryBytes: MIB }, MIB, "above maxEntryBytes"],
    ["maxBytes, by its charge", { maxEntryBytes: 2 * MIB }, 2 * MIB - 100, "above maxBytes"],
  ])("evicts nothing when it exceeds %s", async (_title, limits, size, problem) => {
    const cache = fillWithSmall({ maxBytes: 2 * MIB, ...limits });
    await cache.set("large", new Uint8Array(300_000).fill(7));
    const before = cache.statistics();
    const oldest = [...cache.keys()].slice(0, 10);
    const write = async (): Promise<void> => cache.set("large", new Uint8Array(size));
    await expect(write()).rejects.toThrow(problem);
    expect(cache.statistics()).toEqual({ ...before, refused: 1 });
    expect([...cache.keys()].slice(0, 10)).toEqual(oldest);
    expect((await cache.get("large"))?.every((byte) => byte === 7)).toBe(true);
    await cache.closeProvider();
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
