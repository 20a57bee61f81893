/** A TTL as the wire carries it: the two fields of a `google.protobuf.Duration`, unchecked. */
export interface WireDuration {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** Zero, sent as a Duration rather than left out. */
export const ZERO_DURATION: WireDuration = { seconds: 0n, nanos: 0 };

/** Well-formed negative Durations: in seconds, in nanoseconds alone, and in both. */
export const NEGATIVE_DURATIONS: readonly WireDuration[] = [
  { seconds: -1n, nanos: 0 },
  { seconds: 0n, nanos: -1 },
  { seconds: -1n, nanos: -500_000_000 },
];

/** A Duration of so many milliseconds, a fraction included down to the nanosecond. */
export function durationFromMs(ms: number): WireDuration {
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** The length of a Duration in milliseconds; malformed ones are added up as they are. */
export function msFromDuration({ seconds, nanos }: WireDuration): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}
