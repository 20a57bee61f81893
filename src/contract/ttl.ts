import { CacheError } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/** The TTL of an entry that never expires. */
export const NEVER_EXPIRES = 0;

/**
 * The longest TTL, in milliseconds: the largest `google.protobuf.Duration`, 315,576,000,000
 * seconds or about 10,000 years.
 */
export const MAX_TTL_MS = 315_576_000_000_000;

/**
 * Checks a TTL and rounds it up to whole milliseconds. Rounding down would turn a TTL below a
 * millisecond into {@link NEVER_EXPIRES}.
 *
 * @param ttlMs - time to live in milliseconds from now; unset and 0 mean {@link NEVER_EXPIRES}
 * @throws CacheError `invalid_argument` for anything but a number, and for a number that is NaN,
 *   negative, or above {@link MAX_TTL_MS}
 */
export function parseTtlMs(ttlMs: number | undefined): number {
  if (ttlMs === undefined || ttlMs === 0) return NEVER_EXPIRES;
  if (typeof ttlMs !== "number") {
    throw new CacheError(
      "invalid_argument",
      `ttlMs must be a number of milliseconds (got ${describeType(ttlMs)})`,
    );
  }
  if (ttlMs < 0) {
    throw new CacheError("invalid_argument", `ttl must be >= 0 (got ${ttlMs} ms)`);
  }
  // Every comparison with NaN is false.
  if (!(ttlMs <= MAX_TTL_MS)) {
    throw new CacheError("invalid_argument", `ttl must be at most ${MAX_TTL_MS} ms (got ${ttlMs})`);
  }
  return Math.ceil(ttlMs);
}
