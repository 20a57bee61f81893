import { CacheError } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/** The TTL of an entry that never expires. */
export const NEVER_EXPIRES = 0;

/**
 * The longest TTL, in milliseconds: what a `google.protobuf.Duration` can say,
 * 315,576,000,000 seconds, about 10,000 years.
 */
export const MAX_TTL_MS = 315_576_000_000_000;

/**
 * Checks a TTL and rounds it to whole milliseconds; the one place where that
 * happens. Unset and zero mean {@link NEVER_EXPIRES}. A fraction is rounded up,
 * so that a positive TTL never becomes "for ever".
 *
 * @param ttlMs - time to live in milliseconds, relative to now
 * @throws CacheError `invalid_argument` when not a number, NaN, negative, or longer
 *   than {@link MAX_TTL_MS}
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
  // NaN compares as false with everything.
  if (!(ttlMs <= MAX_TTL_MS)) {
    throw new CacheError("invalid_argument", `ttl must be at most ${MAX_TTL_MS} ms (got ${ttlMs})`);
  }
  return Math.ceil(ttlMs);
}
