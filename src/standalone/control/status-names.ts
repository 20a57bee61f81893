/** The names of gRPC's status codes, in lower case; a name's index is its code. */
const STATUS_NAMES = [
  "ok",
  "cancelled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** The name of a gRPC status, such as `ok` or `unavailable`. */
export type StatusName = (typeof STATUS_NAMES)[number];

/** The name of a way to fail. */
export type FailureName = Exclude<StatusName, "ok">;

/** All names but `ok`. */
export const FAILURE_NAMES: readonly FailureName[] = STATUS_NAMES.filter((name) => name !== "ok");

/** The name of a status code; `unknown` for a number that is no status. */
export function statusNameOf(code: number): StatusName {
  return STATUS_NAMES[code] ?? "unknown";
}

/** The number of a status. */
export function statusCodeOf(name: StatusName): number {
  return STATUS_NAMES.indexOf(name);
}

/** The failure that a text names, in any case; undefined for any other text. */
export function findFailureName(text: string): FailureName | undefined {
  const name = text.toLowerCase();
  // Connect spells it with one l.
  return FAILURE_NAMES.find((known) => known === (name === "canceled" ? "cancelled" : name));
}
