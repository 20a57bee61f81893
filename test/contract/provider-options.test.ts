import { describe, expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { CacheProvider, defineCacheProvider } from "../../src/contract/cache-provider.js";
import { MAX_ENTRY_BYTES } from "../../src/contract/entry-size.js";

/** The function as JavaScript code sees it: its argument has no type. */
const define = defineCacheProvider as (options: unknown) => CacheProvider;

const handlers = {
  get: () => undefined,
  set: () => undefined,
  delete: () => false,
  touch: () => false,
};

function errorOf(options: unknown): unknown {
  try {
    define(options);
  } catch (error) {
    return error;
  }
  return undefined;
}

const LIMIT =
  "maxEntryBytes must be Infinity or an integer from 1 to 4194287, the largest entry that a reply can hold";

describe("a provider is not created", () => {
  test.each([
    ["4MiB", '"4MiB"'],
    ["", '""'],
    [NaN, "NaN"],
    [-1, "-1"],
    [0, "0"],
    [1.5, "1.5"],
    [-Infinity, "-Infinity"],
    [MAX_ENTRY_BYTES + 1, "4194288"],
    [8 * 1024 * 1024, "8388608"],
    [null, "null"],
    [5n, "a bigint"],
    [[5], "an Array"],
  ])("with maxEntryBytes %o", (maxEntryBytes, got) => {
    expect(errorOf({ ...handlers, maxEntryBytes })).toEqual(
      new CacheError(
        "invalid_argument",
        `${LIMIT} (got ${got}); omit it for that limit, and pass Infinity if the handlers check the size`,
      ),
    );
  });

  test.each(["get", "set", "delete", "touch"])("without %s", (name) => {
    const message = (got: string): string =>
      `${name} must be a function (got ${got}); a cache provider needs get, set, delete and touch`;
    expect(errorOf({ ...handlers, [name]: undefined })).toEqual(
      new CacheError("invalid_argument", message("undefined")),
    );
    expect(errorOf({ ...handlers, [name]: {} })).toEqual(
      new CacheError("invalid_argument", message("an Object")),
    );
  });

  test.each(["getMany", "setMany", "deleteMany", "configure", "healthCheck", "start", "close"])(
    "with a %s that is not a function",
    (name) => {
      expect(errorOf({ ...handlers, [name]: true })).toEqual(
        new CacheError(
          "invalid_argument",
          `${name} must be a function, or undefined (got a boolean); omit a handler that is not used`,
        ),
      );
    },
  );

  test.each(["name", "displayName", "description", "version"])(
    "with a %s that is not a string",
    (name) => {
      expect(errorOf({ ...handlers, [name]: 1 })).toEqual(
        new CacheError("invalid_argument", `${name} must be a string (got 1)`),
      );
    },
  );

  test.each([
    ["careful", '"careful"'],
    [["careful", 5], "an Array"],
    [new Set(["careful"]), "a Set"],
    [true, "a boolean"],
  ])("with warnings %o", (warnings, got) => {
    const rule = "warnings must be an array of strings, or a function that returns one";
    expect(errorOf({ ...handlers, warnings })).toEqual(
      new CacheError("invalid_argument", `${rule} (got ${got})`),
    );
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [() => handlers, "a function"],
  ])("from %o", (options, got) => {
    const rule = "options must be an object with the handlers get, set, delete and touch";
    expect(errorOf(options)).toEqual(new CacheError("invalid_argument", `${rule} (got ${got})`));
  });
});

test.each([undefined, 1, MAX_ENTRY_BYTES, Infinity])(
  "a provider is created with maxEntryBytes %o",
  (maxEntryBytes) => {
    expect(define({ ...handlers, maxEntryBytes })).toBeInstanceOf(CacheProvider);
  },
);

test.each([[undefined], [null], [[]], [["careful"]], [() => []]])(
  "a provider is created with warnings %o",
  (warnings) => {
    expect(define({ ...handlers, warnings })).toBeInstanceOf(CacheProvider);
  },
);

test("handlers may be methods of a class, and optional ones may be undefined", async () => {
  class Handlers {
    readonly #found = Uint8Array.of(1);
    readonly getMany = undefined;
    readonly close = undefined;
    get(): Uint8Array {
      return this.#found;
    }
    set(): void {}
    delete(): boolean {
      return false;
    }
    touch(): boolean {
      return false;
    }
  }
  const provider = define(new Handlers());
  expect(await provider.get("a")).toEqual(Uint8Array.of(1));
  expect(await provider.getMany(["a"])).toEqual({ a: Uint8Array.of(1) });
});
