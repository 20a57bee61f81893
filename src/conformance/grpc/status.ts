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

/**
 * The status that stands for an HTTP status without a gRPC status, by the table in gRPC's
 * "HTTP to gRPC Status Code Mapping".
 */
export function statusFromHttp(httpStatus: number): StatusName {
  return STATUSES_OF_HTTP[httpStatus] ?? "UNKNOWN";
}

const STATUSES_OF_HTTP: Readonly<Record<number, StatusName>> = {
  400: "INTERNAL",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "UNIMPLEMENTED",
  429: "UNAVAILABLE",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "UNAVAILABLE",
};

/** The name of a code; undefined for a number that gRPC does not define. */
export function statusNameFromCode(code: number): StatusName | undefined {
  return STATUS_NAMES[code];
}
