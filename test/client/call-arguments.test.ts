import { describe, expect, onTestFinished, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { Cache } from "../../src/client/cache.js";
import { tempSocketPath } from "../support/temp-directory.js";
import {
  bytesInEveryForm,
  WRONG_KEYS,
  WRONG_TTLS,
  WRONG_VALUES,
} from "../support/wrong-arguments.js";
import { startGrpcJsCacheServer } from "./grpc-js-cache-server.js";

/** A cache as a JavaScript program sees it: its arguments have no types. */
type UntypedCache = Record<
  "get" | "getMany" | "set" | "setMany" | "delete" | "deleteMany" | "touch",
  (...args: unknown[]) => Promise<unknown>
>;

async function connected() {
  const path = tempSocketPath();
  const server = await startGrpcJsCacheServer(`unix://${path}`);
  const cache = new Cache("", { target: path });
  onTestFinished(() => cache.close());
  return { cache, untyped: cache as unknown as UntypedCache, server };
}

const value = Uint8Array.of(1);

/** Expects the call to reject with this message before anything is sent. */
async function expectRefused(
  message: string,
  call: (cache: UntypedCache) => Promise<unknown>,
): Promise<void> {
  const { untyped, server } = await connected();
  const error: unknown = await call(untyped).then(
    () => expect.fail("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CacheError);
  expect(error).toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(message) as string,
  });
  expect(server.calls).toEqual([]);
}

describe.each(WRONG_KEYS)("key %o fails with invalid_argument", (key, problem) => {
  test.each([
    ["get", "key ", (cache: UntypedCache) => cache.get(key)],
    ["set", "key ", (cache: UntypedCache) => cache.set(key, value)],
    ["delete", "key ", (cache: UntypedCache) => cache.delete(key)],
    ["touch", "key ", (cache: UntypedCache) => cache.touch(key, 1)],
    ["getMany", "keys[1] ", (cache: UntypedCache) => cache.getMany(["a", key])],
    ["deleteMany", "keys[1] ", (cache: UntypedCache) => cache.deleteMany(["a", key])],
    [
      "setMany",
      "entries[1].key ",
      (cache: UntypedCache) =>
        cache.setMany([
          { key: "a", value },
          { key, value },
        ]),
    ],
  ])("by %s", async (_method, name, call) => {
    await expectRefused(problem.startsWith("…") ? problem : name + problem, call);
  });
});

describe.each(WRONG_VALUES)("value %o fails with invalid_argument", (wrong, got) => {
  const must = "must be a Uint8Array (such as a Buffer), a DataView or an ArrayBuffer";
  test("by set", () => expectRefused(`value ${must} ${got}`, (cache) => cache.set("key", wrong)));
  test("by setMany", () =>
    expectRefused(`entries[1].value ${must} ${got}`, (cache) =>
      cache.setMany([
        { key: "a", value },
        { key: "b", value: wrong },
      ]),
    ));
});

describe.each(WRONG_TTLS)("TTL %o fails with invalid_argument", (ttlMs, problem) => {
  test("by set", () => expectRefused(problem, (cache) => cache.set("key", value, { ttlMs })));
  test("by setMany", () =>
    expectRefused(problem, (cache) => cache.setMany([{ key: "a", value }], { ttlMs })));
  test("by touch", () => expectRefused(problem, (cache) => cache.touch("key", ttlMs)));
});

describe.each([
  ["5000", "(got a string)"],
  [5_000n, "(got a bigint)"],
  [true, "(got a boolean)"],
  [new Date(0), "(got a Date)"],
  [[5_000], "(got an Array)"],
  [new Map([["ttlMs", 5_000]]), "(got a Map)"],
  [() => 5_000, "(got a function)"],
])("options %o fail with invalid_argument", (options, got) => {
  const message = `options must be { ttlMs } or a number of milliseconds ${got}`;
  test("by set", () => expectRefused(message, (cache) => cache.set("key", value, options)));
  test("by setMany", () =>
    expectRefused(message, (cache) => cache.setMany([{ key: "a", value }], options)));
});

describe.each([
  [undefined, "(got undefined)"],
  [null, "(got null)"],
  ["key", "(got a string)"],
  [3, "(got a number)"],
  [{ key: "a" }, "(got an Object)"],
])("batch %o fails with invalid_argument", (batch, got) => {
  test.each(["getMany", "deleteMany"] as const)("by %s", (method) =>
    expectRefused(`keys must be an array or another iterable of strings ${got}`, (cache) =>
      cache[method](batch),
    ),
  );
  test("by setMany", () =>
    expectRefused(
      `entries must be an array or another iterable of { key, value } objects ${got}`,
      (cache) => cache.setMany(batch),
    ));
});

test.each([[undefined], [null], ["a"], [1]])("entry %o fails with invalid_argument", (entry) =>
  expectRefused("entries[0] must be a { key, value } object (got ", (cache) =>
    cache.setMany([entry]),
  ),
);

test("an entry of a Map, which is a pair, fails with invalid_argument", () =>
  expectRefused("entries[0].key must be a string (got undefined)", (cache) =>
    cache.setMany(new Map([["a", value]])),
  ));

test.each(bytesInEveryForm())(
  "a value given as %s is stored as its bytes",
  async (_name, bytes) => {
    const { untyped, server } = await connected();
    await untyped.set("a", bytes);
    await untyped.setMany([{ key: "b", value: bytes }]);
    expect(server.values).toEqual(
      new Map([
        ["a", Buffer.from([1, 2, 3])],
        ["b", Buffer.from([1, 2, 3])],
      ]),
    );
  },
);

test("a batch may be any iterable", async () => {
  const { untyped, server } = await connected();
  function* entries() {
    yield { key: "a", value };
    yield { key: "b", value };
  }
  await untyped.setMany(entries());
  expect(await untyped.getMany(new Set(["a", "b"]))).toEqual({ a: value, b: value });
  expect(await untyped.deleteMany(new Set(["a", "b"]).values())).toBe(2);
  expect(server.values.size).toBe(0);
});

test.each(["", "\0", "\u{10ffff}", "\ufffd", "\uffff", "💩", "é".normalize("NFD")])(
  "key %j is stored unchanged",
  async (key) => {
    const { cache, server } = await connected();
    await cache.set(key, value);
    await cache.setMany([{ key, value }]);
    expect([...server.values.keys()]).toEqual([key]);
    expect(await cache.get(key)).toEqual(value);
    expect(await cache.getMany([key])).toEqual({ [key]: value });
    expect(await cache.touch(key, 0)).toBe(true);
    expect(await cache.delete(key)).toBe(true);
  },
);

// The newest generated client of the host passes it so.
describe("a TTL as a bare number of milliseconds", () => {
  test.each([
    [1_500, { seconds: "1", nanos: 500_000_000 }],
    [0.2, { seconds: "0", nanos: 1_000_000 }],
    [0, null],
    [-5, null],
    [Infinity, null],
    [undefined, null],
    [null, null],
  ])("%s is sent as %j", async (ttlMs, sent) => {
    const { untyped, server } = await connected();
    await untyped.set("key", value, ttlMs);
    await untyped.setMany([{ key: "key", value }], ttlMs);
    expect(server.calls.map(({ request }) => request["ttl"])).toEqual([sent, sent]);
  });

  test.each([NaN, 315_576_000_000_001])("%s fails with invalid_argument", async (ttlMs) => {
    await expectRefused(String(ttlMs), (cache) => cache.set("key", value, ttlMs));
    await expectRefused(String(ttlMs), (cache) => cache.setMany([{ key: "a", value }], ttlMs));
  });
});
