import { describe, expect, test } from "vitest";
import { defineCacheProvider, type CacheEntry } from "../../src/contract/cache-provider.js";
import { createMapProvider } from "../support/map-provider.js";
import { bytesInEveryForm, WRONG_VALUES } from "../support/wrong-arguments.js";

const BYTES = "a Uint8Array (such as a Buffer), a DataView or an ArrayBuffer, null or undefined";

/** Returns a value, a promise, or a thenable that is not a promise, as query builders are. */
const WAYS: [string, <T>(value: T) => T][] = [
  ["at once", (value) => value],
  ["with a promise", <T>(value: T) => Promise.resolve(value) as T],
  ["with a thenable", <T>(value: T) => ({ then: (take: (value: T) => void) => take(value) }) as T],
];

const bytesOf = (value: Uint8Array | undefined): number[] => Array.from(value ?? []);

/** The outcome of a call, whether it returns, throws or rejects. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

describe.each(WAYS)("a handler that returns %s", (_title, returning) => {
  test.each(bytesInEveryForm())("may return a value as %s", async (_name, bytes) => {
    const value = returning(bytes as Uint8Array);
    const provider = createMapProvider({ get: () => value });
    expect(bytesOf(await provider.get("key"))).toEqual([1, 2, 3]);
    expect(bytesOf((await provider.getMany(["key"]))["key"])).toEqual([1, 2, 3]);
    const own = createMapProvider({
      getMany: () => returning({ key: bytes as Uint8Array, missing: undefined as never }),
    });
    const found = await own.getMany(["key", "missing"]);
    expect(Object.keys(found)).toEqual(["key"]);
    expect(bytesOf(found["key"])).toEqual([1, 2, 3]);
    expect(Object.getPrototypeOf(found)).toBeNull();
  });

  test.each(WRONG_VALUES.filter(([value]) => value !== undefined && value !== null))(
    "must not return %o as a value",
    async (wrong, got) => {
      if (wrong instanceof Promise) return;
      const provider = createMapProvider({ get: () => returning(wrong as Uint8Array) });
      const detached = got.includes("detached");
      const problem = detached ? `get must return ${BYTES}` : `get must return ${BYTES} (`;
      expect(await outcome(() => provider.get("key"))).toMatchObject({
        name: "TypeError",
        message: expect.stringContaining(problem) as string,
      });
      expect(await outcome(() => provider.getMany(["key"]))).toBeInstanceOf(TypeError);
      const own = createMapProvider({ getMany: () => returning({ key: wrong as Uint8Array }) });
      expect(await outcome(() => own.getMany(["key"]))).toMatchObject({
        message: expect.stringContaining(`each value of getMany must return ${BYTES}`) as string,
      });
    },
  );

  test.each([[undefined], [null], [[]], [new Map()], ["text"], [1]])(
    "must not return %o from getMany",
    async (wrong) => {
      const provider = createMapProvider({ getMany: () => returning(wrong as never) });
      expect(await outcome(() => provider.getMany(["key"]))).toMatchObject({
        message: expect.stringContaining(
          "getMany must return an object with the value of each present key (got ",
        ) as string,
      });
    },
  );

  test.each([
    [3n, 3],
    [3, 3],
    [0n, 0],
  ])("may return the count %o from deleteMany", async (count, expected) => {
    const provider = createMapProvider({ deleteMany: () => returning(count) });
    expect(await provider.deleteMany([])).toBe(expected);
  });

  test.each([[undefined], [null], [-1], [1.5], [NaN], ["3"], [true], [-1n], [2n ** 60n]])(
    "must not return the count %o from deleteMany",
    async (count) => {
      const provider = createMapProvider({ deleteMany: () => returning(count as never) });
      expect(await outcome(() => provider.deleteMany([]))).toMatchObject({
        name: "TypeError",
        message: expect.stringContaining("deleteMany must return a whole number") as string,
      });
    },
  );

  test.each([[undefined], [null], [1], ["OK"]])(
    "must not return %o from delete or touch",
    async (wrong) => {
      const handler = (): never => returning(wrong) as never;
      const provider = createMapProvider({ delete: handler, touch: handler });
      const message = (method: string): unknown =>
        expect.stringContaining(`${method} must return a boolean (got `);
      expect(await outcome(() => provider.delete("a"))).toMatchObject({
        message: message("delete"),
      });
      expect(await outcome(() => provider.touch("a"))).toMatchObject({ message: message("touch") });
      expect(await outcome(() => provider.deleteMany(["a"]))).toBeInstanceOf(TypeError);
    },
  );

  test("may return any value from set and setMany", async () => {
    const set = (): never => returning("OK") as never;
    const provider = createMapProvider({ set, setMany: set });
    const entry = { key: "a", value: Uint8Array.of(1) };
    expect(await outcome(() => provider.set(entry.key, entry.value))).toBeUndefined();
    expect(await outcome(() => provider.setMany([entry]))).toBeUndefined();
  });

  test("may return its health, or nothing when it is ready", async () => {
    const healthOf = async (result: unknown): Promise<unknown> =>
      createMapProvider({ healthCheck: () => returning(result) as never }).healthCheck();
    expect(await healthOf(undefined)).toEqual({ ready: true });
    expect(await healthOf(null)).toEqual({ ready: true });
    expect(await healthOf("PONG")).toEqual({ ready: true });
    expect(await healthOf({ ready: true })).toEqual({ ready: true });
    expect(await healthOf({ ready: false })).toEqual({ ready: false });
    expect(await healthOf({ ready: false, message: "m" })).toEqual({ ready: false, message: "m" });
  });

  test("may return warnings or nothing", async () => {
    const warningsOf = (result: unknown): Promise<unknown> =>
      outcome(() => createMapProvider({ warnings: () => returning(result) as never }).warnings());
    expect(await warningsOf(["a", "b"])).toEqual(["a", "b"]);
    expect(await warningsOf(undefined)).toEqual([]);
    for (const wrong of ["careful", [1], {}, new Set(["a"])]) {
      expect(await warningsOf(wrong)).toMatchObject({
        message: expect.stringContaining("warnings must return an array of strings") as string,
      });
    }
  });
});

test("warnings may be an array instead of a function", async () => {
  expect(await createMapProvider({ warnings: [] }).warnings()).toEqual([]);
  expect(await createMapProvider({ warnings: ["slow disk"] }).warnings()).toEqual(["slow disk"]);
});

// The compiler checks this one: these are the types of the host's own SDK.
test("a provider with the types of the host's own SDK compiles", async () => {
  interface SdkSetOptions {
    ttlMs?: number;
  }
  interface SdkEntry {
    key: string;
    value: Uint8Array;
  }
  const entries = new Map<string, Uint8Array>();
  const handlers: {
    get: (key: string) => Uint8Array | null | undefined | Promise<Uint8Array | null | undefined>;
    set: (key: string, value: Uint8Array, options?: SdkSetOptions) => void | Promise<void>;
    delete: (key: string) => boolean | Promise<boolean>;
    touch: (key: string, ttlMs: number) => boolean | Promise<boolean>;
    getMany: (keys: string[]) => Record<string, Uint8Array> | Promise<Record<string, Uint8Array>>;
    setMany: (entries: SdkEntry[], options?: SdkSetOptions) => void | Promise<void>;
    deleteMany: (keys: string[]) => number | bigint | Promise<number | bigint>;
    warnings: string[];
    healthCheck: () => void | Promise<void>;
    configure: (name: string, config: Record<string, unknown>) => void | Promise<void>;
    start: () => void | Promise<void>;
    close: () => void | Promise<void>;
  } = {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
    touch: (key) => entries.has(key),
    getMany: (keys) => Object.fromEntries(keys.map((key) => [key, entries.get(key) ?? value])),
    setMany: (written) => written.forEach((entry) => entries.set(entry.key, entry.value)),
    deleteMany: (keys) => BigInt(keys.filter((key) => entries.delete(key)).length),
    warnings: [],
    healthCheck: () => undefined,
    configure: () => undefined,
    start: () => undefined,
    close: () => undefined,
  };
  const value = Uint8Array.of(1);
  const written: CacheEntry[] = [{ key: "a", value }];
  const provider = defineCacheProvider(handlers);
  await provider.setMany(written);
  expect(await provider.getMany(["a"])).toEqual({ a: value });
  expect(await provider.deleteMany(["a", "b"])).toBe(1);
  expect(await provider.healthCheck()).toEqual({ ready: true });
  expect(await provider.warnings()).toEqual([]);
  const otherForms = { healthCheck: async () => {}, warnings: () => ["a"] };
  expect(await createMapProvider(otherForms).healthCheck()).toEqual({ ready: true });
});
