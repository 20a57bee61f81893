import { describe, expect, onTestFinished, test } from "vitest";
import { Cache } from "../../../src/client/cache.js";
import {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "../../../src/standalone/ephemeral-cache.js";

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const one = Uint8Array.of(1);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function start(options?: EphemeralCacheOptions): Promise<{
  caches: EphemeralCache;
  open: (name?: string) => Cache;
}> {
  const caches = await startEphemeralCache(options);
  onTestFinished(() => caches.close());
  const open = (name?: string): Cache => {
    const cache = new Cache(name, { environment: caches.env });
    onTestFinished(() => cache.close());
    return cache;
  };
  return { caches, open };
}

const keysOf = (caches: Pick<EphemeralCache, "entries">): string[] =>
  caches.entries().map(({ key }) => key);

describe.each(["lru", "blocks"])("the clock of caches with store %s", (store) => {
  test("expires exactly the due entries at once when it is advanced", async () => {
    const { caches, open } = await start({ clock: "manual", config: { store } });
    const cache = open();
    await cache.set("short", one, { ttlMs: 1_000 });
    await cache.set("long", one, { ttlMs: YEAR_MS + 1 });
    await cache.set("forever", one);
    await caches.clock.advance(999);
    expect(keysOf(caches)).toEqual(["short", "long", "forever"]);
    await caches.clock.advance(1);
    expect(keysOf(caches)).toEqual(["long", "forever"]);
    expect(caches.statistics().get("cache")).toMatchObject({ entries: 2, expired: 1 });
    await caches.clock.advance(YEAR_MS - 1_000);
    expect(keysOf(caches)).toEqual(["long", "forever"]);
    await caches.clock.advance(1);
    expect(caches.statistics().get("cache")).toMatchObject({ entries: 1, expired: 2, misses: 0 });
    expect(await cache.get("long")).toBeUndefined();
    expect(caches.clock.elapsedMs).toBe(YEAR_MS + 1);
  });

  test("removes 100,000 due entries before an advance returns", async () => {
    const { caches } = await start({
      clock: "manual",
      config: { store },
      seed: Array.from({ length: 100_000 }, (_, index) => ({
        key: String(index),
        value: "",
        ttlMs: index + 1,
      })),
    });
    await caches.clock.advance(60_000);
    const statistics = caches.statistics().get("cache");
    expect(statistics).toMatchObject({ entries: 40_000, expired: 60_000, evicted: 0 });
  });

  test("jumps in real time as well, and the sweeper waits for the next deadline", async () => {
    const { caches, open } = await start({ config: { store } });
    await open().set("key", one, { ttlMs: YEAR_MS });
    await open().set("forever", one);
    await caches.clock.advance(YEAR_MS - 1_500);
    expect(caches.statistics().get("cache")).toMatchObject({ entries: 2 });
    await expect
      .poll(() => caches.statistics().get("cache"), { timeout: 10_000 })
      .toMatchObject({ entries: 1 });
  });

  test("expires nothing while it is frozen, and due entries after it resumes", async () => {
    const { caches, open } = await start({ config: { store } });
    await caches.clock.freeze();
    await open().set("key", one, { ttlMs: 20 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await open().get("key")).toEqual(one);
    expect(caches.entries()).toMatchObject([{ key: "key", ttlMs: 20 }]);
    await caches.clock.resume();
    await expect
      .poll(() => caches.statistics().get("cache"))
      .toMatchObject({ entries: 0, expired: 1 });
  });
});

test("the clock refuses a negative step", async () => {
  const { caches } = await start();
  await expect(caches.clock.advance(-1)).rejects.toThrow("it never goes back");
});

test("entries are listed in order of use, and listing them is not a use", async () => {
  const { caches, open } = await start({
    config: { maxEntries: 3 },
    seed: [
      { key: "a", value: "text" },
      { key: "b", value: Uint8Array.of(0, 255), ttlMs: 60_000 },
      { key: "c", value: "" },
    ],
    clock: "manual",
  });
  await open().get("a");
  const before = caches.statistics().get("cache");
  expect(caches.entries()).toEqual([
    {
      binding: "cache",
      key: "b",
      size: 3,
      charge: 364,
      ttlMs: 60_000,
      value: Uint8Array.of(0, 255),
    },
    { binding: "cache", key: "c", size: 1, charge: 266, ttlMs: undefined, value: Uint8Array.of() },
    {
      binding: "cache",
      key: "a",
      size: 5,
      charge: 271,
      ttlMs: undefined,
      value: encode("text"),
    },
  ]);
  expect(caches.statistics().get("cache")).toEqual(before);
  await open().set("d", one);
  expect(keysOf(caches)).toEqual(["c", "a", "d"]);
  expect(caches.entries("a")).toHaveLength(1);
});

test("calls are recorded without values, for one binding and for all", async () => {
  const { caches, open } = await start({ bindings: ["a", "b"] });
  await open("a").set("key", Uint8Array.of(1, 2, 3));
  await open("b").getMany(["key", "other", "key"]);
  await open("a").getMany(["key", "other"]);
  await open("a").touch("other", 5);
  await open("a").deleteMany(["key", "other"]);
  await expect(open("a").set("big", new Uint8Array(5_000_000))).rejects.toThrow("too large");
  expect(caches.calls().map(({ binding }) => binding)).toEqual(["a", "b", "a", "a", "a", "a"]);
  expect(caches.binding("b").calls()).toMatchObject([
    { method: "getMany", keys: ["key", "other", "key"], keyCount: 3, hits: 0, misses: 2 },
  ]);
  expect(caches.binding("a").calls()).toMatchObject([
    { method: "set", keys: ["key"], hits: 0, misses: 0, bytes: 3, status: "ok", faultId: 0 },
    { method: "getMany", keys: ["key", "other"], hits: 1, misses: 1, bytes: 3 },
    { method: "touch", keys: ["other"], hits: 0, misses: 1 },
    { method: "deleteMany", keys: ["key", "other"], hits: 1, misses: 1 },
    { method: "set", keys: ["big"], bytes: 0, status: "resource_exhausted" },
  ]);
});

test("a reset leaves an empty cache, with the clock in its first mode", async () => {
  const { caches, open } = await start({ clock: "manual", faults: [{ miss: true }] });
  await open().set("key", one);
  expect(await open().get("key")).toBeUndefined();
  await caches.clock.resume();
  await caches.clock.advance(500);
  await caches.reset();
  expect(caches.entries()).toEqual([]);
  expect(caches.calls()).toEqual([]);
  expect(caches.faults.list()).toEqual([]);
  expect(caches.clock).toMatchObject({ isFrozen: true, elapsedMs: 0 });
  expect(caches.statistics().get("cache")).toMatchObject({ entries: 0, bytes: 0, sets: 0 });
  await open().set("key", one, { ttlMs: 10 });
  await caches.clock.advance(10);
  expect(caches.statistics().get("cache")).toMatchObject({ entries: 0, sets: 1, expired: 1 });
});

test("each binding has a clock, faults, entries and a reset of its own", async () => {
  const { caches, open } = await start({ bindings: ["a", "b"], clock: "manual" });
  for (const name of ["a", "b"]) await open(name).set("key", one, { ttlMs: 100 });
  const a = caches.binding("a");
  await a.clock.advance(100);
  a.faults.add({ fail: "aborted", methods: ["set"] });
  expect(a.entries()).toEqual([]);
  await expect(open("a").set("x", one)).rejects.toMatchObject({ code: 10 });
  await open("b").set("x", one);
  expect(caches.entries().map(({ binding, key }) => [binding, key])).toEqual([
    ["b", "key"],
    ["b", "x"],
  ]);
  await a.reset();
  expect(a.statistics()).toMatchObject({ expired: 0 });
  expect(keysOf(caches.binding("b"))).toEqual(["key", "x"]);
  expect(() => caches.binding("c")).toThrow('there is no binding "c", only "a", "b"');
});

test("with a prefix, keys are those that clients use, in seeds, entries, faults and calls", async () => {
  const { caches, open } = await start({
    prefix: "plugin",
    seed: [{ key: "a", value: "1" }],
    faults: [{ miss: true, keyPrefix: "b" }],
  });
  await open().set("b", one);
  expect(await open().getMany(["a", "b"])).toEqual({ a: encode("1") });
  expect(keysOf(caches)).toEqual(["b", "a"]);
  expect(caches.entries("plugin:")).toEqual([]);
  expect(caches.calls().at(-1)).toMatchObject({ keys: ["a", "b"], hits: 1, misses: 1, faultId: 1 });
});

test("a wrong seed or fault rule is refused and leaves nothing behind", async () => {
  const directories: string[] = [];
  const onDirectory = (path: string): number => directories.push(path);
  const big = [{ key: "big", value: new Uint8Array(5_000_000) }];
  await expect(startEphemeralCache({ seed: big, onDirectory })).rejects.toThrow('key "big"');
  const faults = [{ fail: "unavailable" as const, times: 0 }];
  await expect(startEphemeralCache({ faults, onDirectory })).rejects.toThrow("times must be");
  expect(directories).toEqual([]);
});
