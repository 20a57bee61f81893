import { expect, test } from "vitest";
import { durationFromTtlMs, ttlMsFromDuration } from "../../src/rpc/duration.js";

const DAY_MS = 86_400_000;

test.each([
  ["unset", undefined, 0],
  ["zero", { seconds: 0n, nanos: 0 }, 0],
  ["one nanosecond is rounded up", { seconds: 0n, nanos: 1 }, 1],
  ["one millisecond", { seconds: 0n, nanos: 1_000_000 }, 1],
  ["a little more than one", { seconds: 0n, nanos: 1_000_001 }, 2],
  ["the last nanosecond of a second", { seconds: 1n, nanos: 999_999_999 }, 2_000],
  ["more than a timer can wait", { seconds: 2_147_484n, nanos: 0 }, 2_147_484_000],
  ["400 days", { seconds: 34_560_000n, nanos: 0 }, 400 * DAY_MS],
  ["10,000 years", { seconds: 315_576_000_000n, nanos: 0 }, 315_576_000_000_000],
  ["and a fraction", { seconds: 315_576_000_000n, nanos: 1 }, 315_576_000_000_000],
])("ttlMsFromDuration converts a TTL to milliseconds: %s", (_title, duration, ttlMs) => {
  expect(ttlMsFromDuration(duration)).toBe(ttlMs);
});

test.each([
  ["negative seconds", { seconds: -1n, nanos: 0 }, "ttl must be >= 0 (got -1 s and 0 ns)"],
  ["negative nanos", { seconds: 0n, nanos: -1 }, "ttl must be >= 0 (got 0 s and -1 ns)"],
  ["both negative", { seconds: -1n, nanos: -1 }, "ttl must be >= 0"],
  ["signs differ", { seconds: 1n, nanos: -1 }, "ttl is malformed: seconds and nanos must have"],
  ["signs differ, negative", { seconds: -1n, nanos: 1 }, "ttl is malformed: seconds and nanos"],
  ["nanos too large", { seconds: 0n, nanos: 1_000_000_000 }, "nanos must be within +-999999999"],
  ["nanos too small", { seconds: 0n, nanos: -1_000_000_000 }, "nanos must be within +-999999999"],
  ["too long", { seconds: 315_576_000_001n, nanos: 0 }, "seconds must be within +-315576000000"],
  ["too negative", { seconds: -315_576_000_001n, nanos: 0 }, "ttl is malformed: seconds must be"],
])("ttlMsFromDuration fails with invalid_argument: %s", (_title, duration, message) => {
  expect(() => ttlMsFromDuration(duration)).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: expect.stringContaining(message) as string,
    }),
  );
});

test.each([0.2, 1, 999, 1_000, 1_001, 2 ** 31, 400 * DAY_MS, 315_576_000_000_000])(
  "a TTL of %d ms is sent and read back, rounded up",
  (ttlMs) => {
    const duration = durationFromTtlMs(ttlMs);
    expect(duration.nanos).toBeLessThan(1e9);
    expect(ttlMsFromDuration(duration)).toBe(Math.ceil(ttlMs));
  },
);
