import {
  Code,
  ConnectError,
  createClient,
  createHandlerContext,
  createRouterTransport,
} from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test, vi } from "vitest";
import { CacheError, quoteKey } from "../../src/contract/cache-error.js";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import { MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "../../src/rpc/batch-limits.js";
import { createCacheService } from "../../src/rpc/cache-service.js";
import { ConfiguredState } from "../../src/rpc/configured-state.js";
import { Cache, CacheGetRequestSchema } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { arrayBufferBytes } from "../support/array-buffer-memory.js";
import { createMapProvider } from "../support/map-provider.js";
import { serve } from "../support/serve.js";

const AWKWARD_KEYS = [
  "",
  "\0",
  "a\nb\r\n",
  "__proto__",
  "constructor",
  "toString",
  "0",
  "💥é\u{10ffff}",
  "k".repeat(100_000),
];

test.each(AWKWARD_KEYS)("every operation works with key %#", async (key) => {
  const { cache } = await serve();
  const value = Buffer.from("v");
  const ask = async (method: string, request: object): Promise<unknown> =>
    (await cache.call(method, request)).reply;

  expect(await ask("Get", { key })).toEqual({ found: false, value: Buffer.alloc(0) });
  expect(await ask("GetMany", { keys: [key] })).toEqual({
    entries: [{ key, found: false, value: Buffer.alloc(0) }],
  });
  expect(await ask("Touch", { key })).toEqual({ touched: false });
  expect(await ask("Delete", { key })).toEqual({ deleted: false });
  expect(await ask("Set", { key, value })).toEqual({});
  expect(await ask("Get", { key })).toEqual({ found: true, value });
  expect(await ask("Touch", { key })).toEqual({ touched: true });
  expect(await ask("DeleteMany", { keys: [key, key] })).toEqual({ deleted: "1" });
  expect(await ask("SetMany", { entries: [{ key, value }] })).toEqual({});
  expect(await ask("Delete", { key })).toEqual({ deleted: true });
});

test("an empty value is found", async () => {
  const { cache } = await serve();
  await cache.call("Set", { key: "k" });
  const found = { found: true, value: Buffer.alloc(0) };
  expect((await cache.call("Get", { key: "k" })).reply).toEqual(found);
  expect((await cache.call("GetMany", { keys: ["k"] })).reply).toEqual({
    entries: [{ key: "k", ...found }],
  });
});

test("GetMany returns a result per key in request order, duplicates included", async () => {
  const { cache } = await serve();
  await cache.call("SetMany", { entries: [{ key: "a", value: Buffer.from("1") }] });
  const { reply } = await cache.call("GetMany", { keys: ["x", "a", "2", "a", "1"] });
  const entries = reply?.["entries"] as { key: string; found: boolean }[];
  expect(entries.map(({ key, found }) => [key, found])).toEqual([
    ["x", false],
    ["a", true],
    ["2", false],
    ["a", true],
    ["1", false],
  ]);
  expect((await cache.call("GetMany", {})).reply).toEqual({ entries: [] });
});

test("an author's getMany may return a plain object", async () => {
  const provider = createMapProvider({ getMany: () => ({ a: Uint8Array.of(1) }) });
  const { cache } = await serve({ provider });
  const { reply } = await cache.call("GetMany", { keys: ["constructor", "a"] });
  expect(reply?.["entries"]).toMatchObject([{ found: false }, { found: true }]);
});

test("the last duplicate of SetMany wins", async () => {
  const { cache } = await serve();
  const entries = ["1", "2"].map((value) => ({ key: "k", value: Buffer.from(value) }));
  await cache.call("SetMany", { entries });
  expect((await cache.call("Get", { key: "k" })).reply).toMatchObject({ value: Buffer.from("2") });
});

test("TTLs reach the provider in milliseconds", async () => {
  const set = vi.fn();
  const touch = vi.fn(() => true);
  const { cache } = await serve({ provider: createMapProvider({ set, touch }) });
  const ttl = { seconds: 1, nanos: 1 };
  await cache.call("Set", { key: "a", ttl });
  await cache.call("SetMany", { entries: [{ key: "b" }, { key: "c" }], ttl });
  await cache.call("Set", { key: "d" });
  await cache.call("Touch", { key: "e", ttl });
  await cache.call("Touch", { key: "f" });
  expect(set.mock.calls.map(([key, , options]: unknown[]) => [key, options])).toEqual([
    ["a", { ttlMs: 1_001 }],
    ["b", { ttlMs: 1_001 }],
    ["c", { ttlMs: 1_001 }],
    ["d", { ttlMs: 0 }],
  ]);
  expect(touch.mock.calls).toEqual([
    ["e", 1_001],
    ["f", 0],
  ]);
});

describe.each(["Set", "SetMany", "Touch"])("%s with a bad TTL", (method) => {
  test.each([
    [{ seconds: -1 }, "ttl must be >= 0"],
    [{ nanos: -1 }, "ttl must be >= 0"],
    [{ nanos: 1_000_000_000 }, "ttl is malformed"],
    [{ seconds: 1, nanos: -1 }, "ttl is malformed"],
    [{ seconds: "315576000001" }, "ttl is malformed"],
  ])("%j is refused, and nothing is written", async (ttl, message) => {
    const set = vi.fn();
    const touch = vi.fn();
    const { cache } = await serve({ provider: createMapProvider({ set, touch }) });
    const entries = [{ key: "k" }];
    const { code, details } = await cache.call(method, { key: "k", entries, ttl });
    expect(code).toBe(3);
    expect(details).toContain(message);
    expect(set).not.toHaveBeenCalled();
    expect(touch).not.toHaveBeenCalled();
  });
});

test("a CacheError keeps its code and message, also in a batch", async () => {
  const provider = createMapProvider({
    set: (key) => {
      if (key === "big") throw new CacheError("resource_exhausted", "too large");
    },
  });
  const { cache } = await serve({ provider });
  expect(await cache.call("Set", { key: "big" })).toMatchObject({ code: 8, details: "too large" });
  const entries = [{ key: "small" }, { key: "big" }];
  const { code, details } = await cache.call("SetMany", { entries });
  expect(code).toBe(8);
  expect(details).toBe('entry 2 of 2 (key "big"): too large');
});

test.each([
  [
    "thrown",
    () => {
      throw new Error("secret");
    },
  ],
  ["rejected", () => Promise.reject(new Error("secret"))],
])("an unexpected error, %s, has a fixed text, and its detail is reported", async (_title, get) => {
  const report = vi.fn();
  const { cache } = await serve({ provider: createMapProvider({ get }), services: { report } });
  expect(await cache.call("Get", { key: "k" })).toMatchObject({
    code: 13,
    details: "internal error",
  });
  expect(report).toHaveBeenCalledExactlyOnceWith(new Error("secret"));
});

test("an asynchronous provider is served", async () => {
  const inner = createMapProvider();
  const provider = createMapProvider({
    get: async (key) => inner.get(key),
    set: async (key, value) => inner.set(key, value),
    delete: async (key) => inner.delete(key),
    touch: async (key) => inner.touch(key),
  });
  const { cache } = await serve({ provider });
  const entries = [{ key: "k", value: Buffer.from("v") }];
  expect((await cache.call("Set", { key: "j" })).reply).toEqual({});
  expect((await cache.call("SetMany", { entries })).reply).toEqual({});
  expect((await cache.call("Get", { key: "k" })).reply).toMatchObject({ found: true });
  expect((await cache.call("GetMany", { keys: ["k"] })).reply?.["entries"]).toHaveLength(1);
  expect((await cache.call("Touch", { key: "k" })).reply).toEqual({ touched: true });
  expect((await cache.call("Delete", { key: "k" })).reply).toEqual({ deleted: true });
  expect((await cache.call("DeleteMany", { keys: ["j"] })).reply).toEqual({ deleted: "1" });
});

test("a synchronous provider is called without promises", () => {
  const service = createCacheService(createMapProvider(), {
    state: new ConfiguredState(false),
    maxReplyBytes: 1_000,
    report: () => {},
  });
  const context = createHandlerContext({
    service: Cache,
    method: Cache.method.get,
    protocolName: "grpc",
    requestMethod: "POST",
    url: "http://localhost/",
  });
  const request = create(CacheGetRequestSchema, { key: "k" });
  expect(service.get(request, context)).toEqual({ found: false });
});

describe("the limit of replies", () => {
  test.each([
    ["one long value", [1], 100],
    ["a length of two bytes", [1], 300],
    ["many entries", Array.from({ length: 50 }, (_, i) => i), 7],
    ["empty values", [1, 2, 3], 0],
  ])(
    "GetMany, %s, succeeds at the limit and fails one byte above it",
    async (_title, numbers, valueBytes) => {
      const keys = ["", "missing", "é", ...numbers.map((n) => `k${n}`)];
      const provider = createMapProvider();
      for (const key of keys.slice(2)) await provider.set(key, Buffer.alloc(valueBytes, 1));

      const roomy = await serve({ provider });
      const full = await roomy.cache.call("GetMany", { keys });
      const bytes = encodedLength(full.reply?.["entries"] as Result[]);

      const exact = await serve({ provider, services: { maxReplyBytes: bytes } });
      expect((await exact.cache.call("GetMany", { keys })).code).toBe(0);

      const tight = await serve({ provider, services: { maxReplyBytes: bytes - 1 } });
      const { code, details } = await tight.cache.call("GetMany", { keys });
      expect(code).toBe(8);
      expect(details).toBe(
        `reply would be ${bytes} bytes, the limit is ${bytes - 1}: ` +
          `ask for fewer than these ${keys.length} keys per call`,
      );
    },
  );

  test("GetMany of a large value a thousand times fails before the reply is built", async () => {
    const provider = createMapProvider();
    await provider.set("k", Buffer.alloc(4_000_000));
    const { cache } = await serve({ provider });
    const before = arrayBufferBytes();
    const { code, details } = await cache.call("GetMany", { keys: Array(1_000).fill("k") });
    expect(code).toBe(8);
    expect(details).toMatch(/^reply would be 4000\d+ bytes, the limit is 4194304/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  test("the default limit of Get is that of grpc-js", async () => {
    const provider = createMapProvider({ maxEntryBytes: Infinity });
    // found is 2 bytes, the value's tag 1 and its length 4.
    await provider.set("fits", Buffer.alloc(4_194_304 - 7));
    await provider.set("does not", Buffer.alloc(4_194_304 - 6));
    const { cache } = await serve({ provider });
    expect((await cache.call("Get", { key: "fits" })).code).toBe(0);
    const { code, details } = await cache.call("Get", { key: "does not" });
    expect(code).toBe(8);
    expect(details).toContain("reply would be 4194305 bytes, the limit is 4194304");
  });
});

describe("the default limit of entries", () => {
  test.each(["k", "", "☃", "k".repeat(1_000_000), "☃".repeat(600_000)])(
    "an entry at the limit is read by grpc-js, one byte more is refused: key %#",
    async (key) => {
      const fitting = Buffer.alloc(4_194_287 - Buffer.byteLength(key), 7);
      const isFitting = (reply: unknown): boolean => fitting.equals((reply as Result).value);
      const { cache } = await serve();
      expect((await cache.call("Set", { key, value: fitting })).code).toBe(0);
      expect((await cache.call("Get", { key })).reply).toSatisfy(isFitting);
      const { reply } = await cache.call("GetMany", { keys: [key] });
      expect((reply?.["entries"] as Result[])[0]).toSatisfy(isFitting);

      const value = Buffer.alloc(fitting.length + 1);
      const { code, details } = await cache.call("Set", { key, value });
      expect(code).toBe(8);
      expect(details).toBe(
        `entry too large: key ${quoteKey(key)} is 4194288 bytes, above maxEntryBytes (4194287)`,
      );
      expect((await cache.call("Get", { key })).reply).toSatisfy(isFitting);
    },
  );

  test.each([
    ["derived from set", false],
    ["of the author", true],
  ])("SetMany, %s, names the position of the entry", async (_title, isOwn) => {
    const set = vi.fn();
    const setMany = vi.fn();
    const provider = createMapProvider({ set, ...(isOwn ? { setMany } : {}) });
    const { cache } = await serve({ provider });
    const [small, large] = [Buffer.from("v"), Buffer.alloc(4_194_287)];
    const entries = [
      { key: "a", value: small },
      { key: "b", value: large },
      { key: "c", value: small },
    ];
    const { code, details } = await cache.call("SetMany", { entries });
    expect(code).toBe(8);
    expect(details).toBe(
      'entry 2 of 3 (key "b"): entry too large: key "b" is 4194288 bytes, above maxEntryBytes (4194287)',
    );
    expect(setMany).not.toHaveBeenCalled();
    expect(set.mock.calls.map(([key]: string[]) => key)).toEqual(isOwn ? [] : ["a"]);
  });
});

test("a request far above 4 MiB is served", async () => {
  const set = vi.fn();
  const { cache } = await serve({ provider: createMapProvider({ set, maxEntryBytes: Infinity }) });
  const value = Buffer.alloc(20_000_000, 7);
  expect((await cache.call("Set", { key: "k", value })).code).toBe(0);
  expect(Buffer.compare(value, set.mock.calls[0]?.[1] as Uint8Array)).toBe(0);
});

interface Result {
  readonly key: string;
  readonly found: boolean;
  readonly value: Buffer;
}

/** The reply's length, counted by building it by hand. */
function encodedLength(entries: Result[]): number {
  const field = (tag: number, bytes: Buffer): Buffer => {
    const length = [];
    let rest = bytes.length;
    for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([tag, ...length, rest]), bytes]);
  };
  return Buffer.concat(
    entries.map(({ key, found, value }) =>
      field(
        0x0a,
        Buffer.concat([
          key === "" ? Buffer.alloc(0) : field(0x0a, Buffer.from(key)),
          found ? Buffer.from([0x10, 1]) : Buffer.alloc(0),
          value.length === 0 ? Buffer.alloc(0) : field(0x1a, value),
        ]),
      ),
    ),
  ).length;
}

describe("a handler in JavaScript", () => {
  test.each([
    ["a string", "text"],
    ["a number", 5],
    ["an array", [1, 2]],
    ["a plain object", {}],
  ])("a value that is %s is refused, and reported to the operator", async (_title, value) => {
    for (const [method, request, handlers] of [
      ["Get", { key: "k" }, { get: () => value as never }],
      ["GetMany", { keys: ["k"] }, { get: () => value as never }],
      ["GetMany", { keys: ["k"] }, { getMany: () => ({ k: value as never }) }],
    ] as const) {
      const report = vi.fn();
      const { cache } = await serve({
        provider: createMapProvider(handlers),
        services: { report },
      });
      expect(await cache.call(method, request)).toMatchObject({
        code: 13,
        details: "internal error",
      });
      expect(report).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({
          message: expect.stringContaining("must return a Uint8Array") as string,
        }),
      );
    }
  });

  test("a value that is an ArrayBuffer or a Buffer is served as its bytes", async () => {
    for (const value of [Uint8Array.of(1, 2).buffer, Buffer.from([1, 2])]) {
      const found = { found: true, value: Buffer.from([1, 2]) };
      const { cache } = await serve({ provider: createMapProvider({ get: () => value }) });
      expect((await cache.call("Get", { key: "k" })).reply).toEqual(found);
      const own = await serve({ provider: createMapProvider({ getMany: () => ({ k: value }) }) });
      expect((await own.cache.call("GetMany", { keys: ["k"] })).reply).toEqual({
        entries: [{ key: "k", ...found }],
      });
    }
  });

  test.each([3, 3n])("the count %o of deleteMany is sent", async (count) => {
    const { cache } = await serve({ provider: createMapProvider({ deleteMany: () => count }) });
    expect((await cache.call("DeleteMany", { keys: ["k"] })).reply).toEqual({ deleted: "3" });
  });

  test("an error of Connect's keeps its code and text", async () => {
    const get = (): never => {
      throw new ConnectError("try later", Code.Aborted);
    };
    const report = vi.fn();
    const { cache } = await serve({ provider: createMapProvider({ get }), services: { report } });
    expect(await cache.call("Get", { key: "k" })).toMatchObject({ code: 10, details: "try later" });
    expect(report).not.toHaveBeenCalled();
  });
});

// The host's own SDK passes no options for an entry that never expires.
test("a Set without a TTL passes no options", async () => {
  const set = vi.fn();
  const provider = { get: () => undefined, set, setMany: set } as unknown as CacheProvider;
  const { cache } = await serve({ provider, services: { requireConfigure: false } });
  await cache.call("Set", { key: "k" });
  await cache.call("Set", { key: "k", ttl: { seconds: 1 } });
  await cache.call("SetMany", { entries: [] });
  expect(set.mock.calls.map((args: unknown[]) => args.at(-1))).toEqual([
    undefined,
    { ttlMs: 1_000 },
    undefined,
  ]);
});

test("a batch above its limit does not reach the provider", async () => {
  const never = vi.fn();
  const service = createCacheService(
    createMapProvider({ getMany: never, setMany: never, deleteMany: never }),
    { state: new ConfiguredState(false), maxReplyBytes: 1_000, report: never },
  );
  const cache = createClient(
    Cache,
    createRouterTransport((router) => void router.service(Cache, service)),
  );
  const refusal = expect.objectContaining({ code: Code.ResourceExhausted }) as unknown;
  const keys = (count: number): string[] => new Array<string>(count).fill("");
  const entries = keys(MAX_BATCH_ENTRIES + 1).map((key) => ({ key }));
  await expect(cache.getMany({ keys: keys(MAX_GET_MANY_KEYS + 1) })).rejects.toEqual(refusal);
  await expect(cache.deleteMany({ keys: keys(MAX_BATCH_ENTRIES + 1) })).rejects.toEqual(refusal);
  await expect(cache.setMany({ entries })).rejects.toEqual(refusal);
  expect(never).not.toHaveBeenCalled();
});
