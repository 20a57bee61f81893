import { CacheError } from "../../contract/cache-error.js";
import { ttlMsFromDuration, type DurationFields } from "../../rpc/duration.js";

const NANOS_PER_MS = 1_000_000;
const NANOS_PER_SECOND = 1_000_000_000;

/** A length of time as the wire carries it, to the nanosecond. */
export function durationFromMs(ms: number): DurationFields {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * NANOS_PER_MS);
  return nanos < NANOS_PER_SECOND
    ? { seconds: BigInt(seconds), nanos }
    : { seconds: BigInt(seconds + 1), nanos: 0 };
}

/**
 * The whole milliseconds of a request's Duration, rounded up.
 *
 * @param field - its name, for the error
 * @throws CacheError `invalid_argument` when it is unset, negative or malformed
 */
export function msFromDuration(field: string, duration: DurationFields | undefined): number {
  if (duration === undefined) {
    throw new CacheError("invalid_argument", `${field} is required, such as "300s" in JSON`);
  }
  try {
    return ttlMsFromDuration(duration);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    throw new CacheError(error.code, error.message.replace(/^ttl/, field), { cause: error });
  }
}
