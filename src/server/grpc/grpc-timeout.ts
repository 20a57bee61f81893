const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * Returns the milliseconds in a `grpc-timeout` header, which has at most eight digits and a unit
 * (the gRPC protocol over HTTP/2). The result may be a fraction, and up to 11,000 years.
 * Returns undefined for any other text.
 */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = TIMEOUT.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  return unitMs === undefined ? undefined : Number(match?.[1]) * unitMs;
}
