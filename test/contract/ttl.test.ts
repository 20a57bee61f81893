import { expect, test } from "vitest";
import { CacheError } from "../../src/contract/cache-error.js";
import { MAX_TTL_MS, parseTtlMs } from "../../src/contract/ttl.js";

test.each([
  [undefined, 0],
  [0, 0],
  [-0, 0],
  [1, 1],
  [0.000001, 1],
  [1.5, 2],
  [2 ** 31, 2 ** 31],
  [MAX_TTL_MS, MAX_TTL_MS],
])("parseTtlMs reads a TTL of %s ms as %s ms", (ttlMs, kept) => {
  expect(parseTtlMs(ttlMs) === kept).toBe(true);
});

test.each([-1, -0.001, NaN, Infinity, -Infinity, MAX_TTL_MS + 1])(
  "parseTtlMs fails for a TTL of %s ms",
  (ttlMs) => {
    expect(() => parseTtlMs(ttlMs)).toThrow(CacheError);
    expect(() => parseTtlMs(ttlMs)).toThrow(ttlMs < 0 ? "ttl must be >= 0" : "ttl must be at most");
  },
);
