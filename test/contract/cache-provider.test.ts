import { describe, expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import {
  defineCacheProvider,
  type CacheProvider,
  type CacheProviderOptions,
} from "../../src/contract/cache-provider.js";

/** Handlers over a Map that return values or promises. */
function handlersOf(map: Map<string, Uint8Array>, asynchronous: boolean): CacheProviderOptions {
  const answer = <T>(value: T): T | Promise<T> => (asynchronous ? Promise.resolve(value) : value);
  const fail = (error: CacheError): Promise<never> => {
    if (asynchronous) return Promise.reject(error);
    throw error;
  };
  return {
    get: (key) => answer(map.get(key)),
    set: (key, value) => {
      if (value.length > 4) return fail(new CacheError("resource_exhausted", "too large"));
      map.set(key, value.slice());
      return answer(undefined);
    },
    delete: (key) => answer(map.delete(key)),
    touch: (key) => answer(map.has(key)),
  };
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe.each([
  ["values", false],
  ["promises", true],
])("batches derived from single operations that return %s", (_name, asynchronous) => {
  const providerOf = (map = new Map<string, Uint8Array>()): CacheProvider =>
    defineCacheProvider(handlersOf(map, asynchronous));

  test("getMany returns the present keys in a record without a prototype", async () => {
    const cache = providerOf(
      new Map([
        ["__proto__", bytes("p")],
        ["a", bytes("1")],
      ]),
    );
    const found = await cache.getMany(["a", "missing", "__proto__", "a", "constructor"]);
    expect(Object.getPrototypeOf(found)).toBeNull();
    expect(Object.keys(found).sort()).toEqual(["__proto__", "a"]);
    expect(await cache.getMany([])).toEqual({});
  });

  test("getMany fails when the values exceed maxBytes", async () => {
    const cache = providerOf(new Map(["a", "b", "c"].map((key) => [key, bytes("1234")])));
    const read = async (maxBytes: number): Promise<string[]> =>
      Object.keys(await cache.getMany(["a", "a", "a", "b", "c"], { maxBytes }));
    expect(await read(12)).toEqual(["a", "b", "c"]);
    await expect(read(11)).rejects.toMatchObject({
      code: "resource_exhausted",
      message: expect.stringContaining(
        "the values of the first 5 of 5 keys have 12 bytes, above the limit of 11: request fewer keys per call",
      ) as string,
    });
  });

  test("a long batch completes and yields to the event loop in between", async () => {
    const cache = providerOf();
    const keys = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    await cache.setMany(keys.map((key) => ({ key, value: bytes("v") })));
    expect(Object.keys(await cache.getMany(keys))).toEqual(keys);
    expect(await cache.deleteMany(keys)).toBe(5000);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);
  });

  test("setMany writes in order: the last duplicate is kept", async () => {
    const cache = providerOf();
    await cache.setMany([
      { key: "a", value: bytes("1") },
      { key: "a", value: bytes("2") },
    ]);
    expect(await cache.get("a")).toEqual(bytes("2"));
  });

  test("deleteMany counts a key given twice once", async () => {
    const cache = providerOf(
      new Map([
        ["a", bytes("1")],
        ["b", bytes("2")],
      ]),
    );
    expect(await cache.deleteMany(["a", "a", "missing", "b"])).toBe(2);
    expect(await cache.deleteMany([])).toBe(0);
  });

  test("a failed batch names position and key, and earlier writes stay", async () => {
    const cache = providerOf();
    const entries = [
      { key: "a", value: bytes("1") },
      { key: "b", value: bytes("12345") },
      { key: "c", value: bytes("3") },
    ];
    await expect((async () => cache.setMany(entries))()).rejects.toMatchObject({
      code: "resource_exhausted",
      message: 'entry 2 of 3 (key "b"): too large',
    });
    expect(await cache.get("a")).toEqual(bytes("1"));
    expect(await cache.get("c")).toBeUndefined();
  });
});

test("a provider with synchronous handlers returns no promises", () => {
  const cache = defineCacheProvider(handlersOf(new Map([["a", bytes("1")]]), false));
  expect(cache.get("a")).toEqual(bytes("1"));
  expect(cache.getMany(["a"])).toHaveProperty("a");
  expect(cache.setMany([{ key: "b", value: bytes("1") }])).toBeUndefined();
  expect(cache.deleteMany(["a", "b"])).toBe(2);
});

test("an entry above the author's maxEntryBytes is refused before a handler is called", async () => {
  const stored: string[] = [];
  const handlers = {
    ...handlersOf(new Map(), false),
    set: (key: string) => void stored.push(key),
    maxEntryBytes: 4,
  };
  const cache = defineCacheProvider(handlers);
  await cache.set("é", bytes("12"));
  expect(() => cache.set("é", bytes("123"))).toThrow(
    new CacheError(
      "resource_exhausted",
      'entry too large: key "é" is 5 bytes, above maxEntryBytes (4)',
    ),
  );
  const entries = ["a", "long", "c"].map((key) => ({ key, value: bytes("1") }));
  expect(() => cache.setMany(entries)).toThrow(/^entry 2 of 3 \(key "long"\): entry too large/);
  const ownBatch = defineCacheProvider({ ...handlers, setMany: () => void stored.push("batch") });
  expect(() => ownBatch.setMany(entries)).toThrow(/^entry 2 of 3 \(key "long"\): entry too large/);
  expect(stored).toEqual(["é", "a"]);
});

test("an author's batch handlers replace the derived ones", async () => {
  const cache = defineCacheProvider({
    ...handlersOf(new Map(), false),
    getMany: () => ({ all: bytes("1") }),
    setMany: () => Promise.reject(new Error("own setMany")),
    deleteMany: () => 42,
  });
  expect(Object.keys(await cache.getMany([]))).toEqual(["all"]);
  await expect(cache.setMany([])).rejects.toThrow("own setMany");
  expect(await cache.deleteMany([])).toBe(42);
});

test("a handler receives its TTL in whole milliseconds, never undefined", async () => {
  const received: number[] = [];
  const cache = defineCacheProvider({
    ...handlersOf(new Map(), false),
    set: (_key, _value, { ttlMs }) => void received.push(ttlMs),
    touch: (_key, ttlMs) => received.push(ttlMs) > 0,
  });
  await cache.set("a", bytes(""));
  await cache.set("a", bytes(""), { ttlMs: 0.1 });
  await cache.setMany([{ key: "a", value: bytes("") }], { ttlMs: 7 });
  await cache.touch("a", 1.5);
  expect(received).toEqual([0, 1, 7, 2]);
  expect(() => cache.set("a", bytes(""), { ttlMs: -1 })).toThrow("ttl must be >= 0");
  expect(() => cache.touch("a", -1)).toThrow("ttl must be >= 0");
});

describe("identity and lifecycle", () => {
  test.each([
    ["@scope/My Cache!", "My-Cache"],
    ["  plain.name_1-x  ", "plain.name_1-x"],
    ["///", ""],
    ["ünïcode", "n-code"],
  ])("the name %j becomes the slug %j", (name, slug) => {
    expect(defineCacheProvider({ ...handlersOf(new Map(), false), name }).name).toBe(slug);
  });

  test("the configured name replaces the author's name, which replaces the fallback", async () => {
    const cache = defineCacheProvider(handlersOf(new Map(), false));
    expect(cache.resolveName("@acme/Fast Cache")).toBe("Fast-Cache");
    expect(cache.resolveName("other")).toBe("Fast-Cache");
    await cache.configureProvider("session", {});
    expect(cache.name).toBe("session");
    await cache.configureProvider("", {});
    expect(cache.name).toBe("session");
    expect(defineCacheProvider(handlersOf(new Map(), false)).resolveName("!")).toBe("cache");
  });

  test("a provider without lifecycle handlers is ready, has no warnings and closes", async () => {
    const cache = defineCacheProvider(handlersOf(new Map(), false));
    expect(cache.kind).toBe("cache");
    expect(cache.supportsHealthCheck()).toBe(false);
    expect(await cache.healthCheck()).toEqual({ ready: true });
    expect(await cache.warnings()).toEqual([]);
    await cache.startProvider();
    await cache.closeProvider();
  });

  test("lifecycle handlers receive what the host sent", async () => {
    const calls: unknown[] = [];
    const cache = defineCacheProvider({
      ...handlersOf(new Map(), false),
      configure: (name, config) => void calls.push([name, config]),
      healthCheck: () => Promise.resolve({ ready: false, message: "warming up" }),
      warnings: () => ["slow disk"],
      start: () => void calls.push("start"),
      close: () => void calls.push("close"),
    });
    await cache.configureProvider("session", { a: 1 });
    await cache.startProvider();
    await cache.closeProvider();
    expect(calls).toEqual([["session", { a: 1 }], "start", "close"]);
    expect(cache.supportsHealthCheck()).toBe(true);
    expect(await cache.healthCheck()).toEqual({ ready: false, message: "warming up" });
    expect(await cache.warnings()).toEqual(["slow disk"]);
  });
});
