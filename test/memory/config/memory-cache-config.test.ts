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
        `/${key}: unknown key; the known keys are store, maxBytes, maxEntries, maxEntryBytes, namespace, shared`,
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

describe("the key shared", () => {
  test("is kept as it is when it is valid", () => {
    for (const shared of [
      { url: "redis://localhost" },
      { url: "rediss://user:p%40ss@[::1]:6380/3", timeoutMs: 1, near: false, maxStaleMs: 100 },
      { url: "valkeys://h", tls: {}, username: "u", password: "p", keyPrefix: "" },
      { cluster: ["valkey://a:1", "redis://b:2"] },
      { sentinel: { name: "primary", nodes: ["redis://a", "redis://b:26380"] } },
    ]) {
      expect(parseMemoryCacheConfig({ shared }).shared).toEqual(shared);
    }
  });

  test.each([
    [{}, "/shared: must have exactly one of url, cluster, sentinel"],
    [{ url: "redis://h", cluster: ["redis://h"] }, "/shared: must have exactly one of"],
    [{ url: "http://h" }, "/shared/url: must be a string such as redis://localhost:6379"],
    [{ url: "redis://h:99999" }, "/shared/url: must be a URL such as redis://localhost:6379"],
    [{ url: "redis://h/x" }, "/shared/url: must be a string such as"],
    [{ url: "redis://a%ZZ:b@h" }, "/shared/url: must be a URL such as"],
    [{ cluster: [] }, "/shared/cluster: must have at least 1"],
    [{ cluster: ["redis://a", 5] }, "/shared/cluster/1: must be a string such as"],
    [{ cluster: ["redis://a/1"] }, "/shared/cluster/0: must have no database"],
    [{ cluster: ["redis://a", "rediss://b"] }, "/shared/cluster/1: must have the scheme"],
    [{ sentinel: { name: "p" } }, "/shared/sentinel: must have nodes"],
    [
      { sentinel: { nodes: ["redis://a"], nam: "p" } },
      "/shared/sentinel/nam: unknown key; did you",
    ],
    [{ url: "redis://h", near: "yes" }, "/shared/near: must be true or false"],
    [{ url: "redis://h", timeoutMs: 0 }, "/shared/timeoutMs: must be >= 1"],
    [{ url: "redis://h", timeOutMs: 5 }, "/shared/timeOutMs: unknown key; did you mean timeoutMs?"],
    [{ url: "redis://h", maxStaleMs: 99 }, "/shared/maxStaleMs: must be >= 100"],
    [{ url: "redis://h", tls: {} }, "/shared/tls: needs rediss:// or valkeys:// in the URL"],
    [{ url: "rediss://h", tls: { certFile: "/dev/null" } }, "/shared/tls: must have certFile and"],
    [
      { url: "rediss://h", tls: { caFile: "/none" } },
      "/shared/tls/caFile: must be a file that can be read (ENOENT)",
    ],
    [{ url: "redis://h", passwordFile: "/none" }, "/shared/passwordFile: must be a file that can"],
  ])("refuses %j", (shared, problem) => {
    expect(() => parseMemoryCacheConfig({ shared })).toThrow(problem);
  });

  test.each([
    "redis://user:SECRET@h",
    5,
    ["SECRET"],
    { url: "redis://:SECRET@h:x" },
    { url: "http://:SECRET@h" },
    { url: "redis://:SECRET@h", password: "SECRET" },
    { url: "redis://h", password: ["SECRET"] },
    { url: "redis://h", password: "SECRET", passwordFile: "/dev/null" },
    { cluster: ["redis://:SECRET@a"] },
    { cluster: "redis://:SECRET@a" },
    { sentinel: { name: "p", nodes: ["redis://:SECRET@a"] } },
    { sentinel: "redis://:SECRET@a" },
  ])("never shows a password: %j", (shared) => {
    expect(() => parseMemoryCacheConfig({ shared })).toThrow(/^(?!.*SECRET).*invalid config: /);
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
