/** The names of gRPC's status codes, in the order of their numbers. */
export const STATUS_NAMES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** A gRPC status code by name, as its specification writes it. */
export type StatusName = (typeof STATUS_NAMES)[number];

/** The name of a code; undefined for a number that gRPC does not define. */
export function statusNameFromCode(code: number): StatusName | undefined {
  return STATUS_NAMES[code];
}
