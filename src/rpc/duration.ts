import type { Duration } from "@bufbuild/protobuf/wkt";
import { CacheError } from "../contract/cache-error.js";
import { MAX_TTL_MS, NEVER_EXPIRES } from "../contract/ttl.js";

/** The two fields of a `google.protobuf.Duration`. */
export type DurationFields = Pick<Duration, "seconds" | "nanos">;

/** The most seconds, of either sign, in a valid Duration. */
const MAX_DURATION_SECONDS = 315_576_000_000n;

/** The most nanoseconds, of either sign, in a valid Duration. */
const MAX_DURATION_NANOS = 999_999_999;

/** Returns a Duration in milliseconds, with its fraction. */
export function millisecondsOf({ seconds, nanos }: DurationFields): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

/**
 * Returns the TTL of a request in whole milliseconds. An absent or zero Duration is
 * {@link NEVER_EXPIRES}. A fraction of a millisecond is rounded up, so that a positive TTL never
 * becomes zero.
 *
 * @throws CacheError `invalid_argument` for a negative Duration, and for one that is invalid by
 *   google/protobuf/duration.proto (out of range, or fields of different sign)
 */
export function ttlMsFromDuration(duration: DurationFields | undefined): number {
  if (duration === undefined) return NEVER_EXPIRES;
  const { seconds, nanos } = duration;
  assertDuration(seconds, nanos);
  if (seconds < 0n || nanos < 0) {
    throw new CacheError("invalid_argument", `ttl must be >= 0 (got ${shown(seconds, nanos)})`);
  }
  // The longest Duration passes the longest TTL by less than a second in 10,000 years.
  return Math.min(Number(seconds) * 1000 + Math.ceil(nanos / 1e6), MAX_TTL_MS);
}

/**
 * Returns the Duration of a TTL.
 *
 * @param ttlMs - milliseconds, positive; a fraction is rounded up
 */
export function durationFromTtlMs(ttlMs: number): DurationFields {
  const wholeMs = Math.ceil(ttlMs);
  const seconds = Math.floor(wholeMs / 1000);
  return { seconds: BigInt(seconds), nanos: (wholeMs - seconds * 1000) * 1_000_000 };
}

/** The rules of google/protobuf/duration.proto. */
function assertDuration(seconds: bigint, nanos: number): void {
  if (seconds > MAX_DURATION_SECONDS || seconds < -MAX_DURATION_SECONDS) {
    throw malformed(seconds, nanos, `seconds must be within +-${MAX_DURATION_SECONDS.toString()}`);
  }
  if (nanos > MAX_DURATION_NANOS || nanos < -MAX_DURATION_NANOS) {
    throw malformed(seconds, nanos, `nanos must be within +-${MAX_DURATION_NANOS}`);
  }
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)) {
    throw malformed(seconds, nanos, "seconds and nanos must have the same sign");
  }
}

function malformed(seconds: bigint, nanos: number, rule: string): CacheError {
  return new CacheError(
    "invalid_argument",
    `ttl is malformed: ${rule} (got ${shown(seconds, nanos)})`,
  );
}

function shown(seconds: bigint, nanos: number): string {
  return `${seconds.toString()} s and ${nanos} ns`;
}
