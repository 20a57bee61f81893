import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CacheError } from "../../../src/contract/cache-error.js";
import { formatByteSize, parseByteSize } from "../../../src/memory/config/byte-size.js";
import { CONFIG_SCHEMA } from "../../../src/memory/config/config-schema.js";
import {
  DEFAULT_MEMORY_CACHE_CONFIG,
  parseMemoryCacheConfig,
} from "../../../src/memory/config/memory-cache-config.js";

test("cache_config.json is equal to the schema of the provider", () => {
  const file = readFileSync(new URL("../../../cache_config.json", import.meta.url), "utf8");
  expect(JSON.parse(file)).toEqual(CONFIG_SCHEMA);
});

describe("parseMemoryCacheConfig", () => {
  test("returns the defaults for an empty configuration", () => {
    expect(parseMemoryCacheConfig({})).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
  });

  test("accepts a namespace, which has no effect", () => {
    expect(parseMemoryCacheConfig({ namespace: "session" })).toEqual(DEFAULT_MEMORY_CACHE_CONFIG);
  });

  test.each([
    [{ maxBytes: "128MiB" }, { store: "lru", maxBytes: 2 ** 27, maxEntryBytes: 4_194_287 }],
    [{ maxBytes: 1_048_576 }, { store: "lru", maxBytes: 2 ** 20, maxEntryBytes: 2 ** 20 }],
    [
      { maxEntries: 10, maxEntryBytes: "1 KiB" },
      { store: "lru", maxBytes: 2 ** 26, maxEntries: 10, maxEntryBytes: 1024 },
    ],
    [{ store: "blocks" }, { store: "blocks", maxBytes: 2 ** 26, maxEntryBytes: 4_194_287 }],
  ])("reads %j", (value, expected) => {
    expect(parseMemoryCacheConfig(value)).toEqual(expected);
  });

  test.each([
    [{ maxBytes: 0 }, "/maxBytes: must be >= 1, got 0"],
    [{ maxBytes: 1.5 }, "/maxBytes: must be an integer or a string such as 64MiB, got 1.5"],
    [{ maxBytes: "lots" }, '/maxBytes: must be an integer or a string such as 64MiB, got "lots"'],
    [
      { maxEntryBytes: [1] },
      "/maxEntryBytes: must be an integer or a string such as 1MiB, got a list",
    ],
    [{ maxBytes: "0MB" }, '/maxBytes: must be 1 to 68719476736 bytes, got "0MB"'],
    [{ maxBytes: "999999GiB" }, '/maxBytes: must be 1 to 68719476736 bytes, got "999999GiB"'],
    [{ maxEntryBytes: 4_194_288 }, "/maxEntryBytes: must be <= 4194287, got 4194288"],
    [{ maxEntryBytes: "8MiB" }, '/maxEntryBytes: must be 1 to 4194287 bytes, got "8MiB"'],
    [{ store: "redis" }, '/store: must be lru or blocks, got "redis"'],
    [{ maxEntries: 0 }, "/maxEntries: must be >= 1, got 0"],
    [{ maxEntries: null }, "/maxEntries: must be an integer, got null"],
    [{ maxEntries: "9" }, '/maxEntries: must be an integer, got "9"'],
    [{ maxEntries: {} }, "/maxEntries: must be an integer, got an object"],
    [{ maxEntries: 10n }, "/maxEntries: must be an integer, got 10"],
    [{ maxEntries: 2 ** 60 }, "/maxEntries: must be <= 9007199254740991, got 1152921504606847000"],
    [{ namespace: 5 }, "/namespace: must be a string, got 5"],
    [{ maxByte: 5 }, "/maxByte: unknown key; did you mean maxBytes?"],
    [{ MaxEntryByte: 5 }, "/MaxEntryByte: unknown key; did you mean maxEntryBytes?"],
    [
      { maxBytes: 1000, maxEntryBytes: 1001 },
      "/maxEntryBytes: must be at most maxBytes (1000), got 1001",
    ],
  ])("fails for %o", (value, problem) => {
    expect(() => parseMemoryCacheConfig(value)).toThrow(
      new CacheError("invalid_argument", `invalid config: ${problem}`),
    );
  });

  test.each(["ttl", "size", "max", "name", "toString", "__proto__", "", "x".repeat(1000)])(
    "lists the known keys for an unknown key that is similar to none: %j",
    (key) => {
      const config = Object.fromEntries([[key, 1]]);
      expect(() => parseMemoryCacheConfig(config)).toThrow(
        `/${key}: unknown key; the known keys are store, maxBytes, maxEntries, maxEntryBytes, namespace`,
      );
    },
  );

  test.each([
    ["maxbytes", "maxBytes"],
    ["max_bytes", "maxBytes"],
    ["max-entry-bytes", "maxEntryBytes"],
    ["entries", "maxEntries"],
    ["maxEntires", "maxEntries"],
    ["nameSpace", "namespace"],
  ])("suggests, for the unknown key %s, the key %s", (key, suggestion) => {
    expect(() => parseMemoryCacheConfig({ [key]: 1 })).toThrow(`did you mean ${suggestion}?`);
  });

  test("lists every problem in one error", () => {
    const config = { maxBytes: -1, maxEntries: "many", ttl: 5, "__proto__ ": 1 };
    for (const path of ["/maxBytes:", "/maxEntries:", "/ttl:", "/__proto__ :"]) {
      expect(() => parseMemoryCacheConfig(config)).toThrow(path);
    }
  });
});

test.each([
  ["0", 0],
  ["1048576", 2 ** 20],
  ["64MiB", 2 ** 26],
  ["64 mib", 2 ** 26],
  ["1.5GB", 1.5e9],
  ["1.0001 B", 1],
  ["2kb", 2000],
  ["", undefined],
  ["MiB", undefined],
  ["-1", undefined],
  ["1e6", undefined],
  ["10 TiB", undefined],
  ["9".repeat(40), undefined],
])("parseByteSize reads %j as %s bytes", (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [2 ** 26, "64 MiB"],
  [5 * 2 ** 40, "5120 GiB"],
])("formatByteSize writes %d bytes as %s", (bytes, text) => {
  expect(formatByteSize(bytes)).toBe(text);
});
