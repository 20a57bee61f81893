/**
 * Why an operation failed, as a stable word. The words are those of gRPC's
 * status codes, so that the wire layer translates them one to one.
 *
 * - `invalid_argument`: the caller's input breaks a rule; trying again will not help.
 * - `failed_precondition`: the provider is not in the state that the call needs
 *   (not configured, or a protocol version that it does not speak).
 * - `resource_exhausted`: a size limit was passed; the message names it.
 * - `unavailable`: the provider is closing; another try may reach a new one.
 * - `internal`: anything unexpected. Carries a fixed text on the wire.
 */
export type CacheErrorCode =
  "invalid_argument" | "failed_precondition" | "resource_exhausted" | "unavailable" | "internal";

/**
 * An error that the caller of a cache is meant to see: its message travels
 * over the wire as it is, so it names the input and the rule, and never holds
 * cached bytes. Every other thrown value becomes `internal` on the wire.
 */
export class CacheError extends Error {
  override readonly name = "CacheError";

  constructor(
    readonly code: CacheErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** How much of a key an error message shows, in UTF-16 code units. */
const QUOTED_KEY_LENGTH = 48;

/**
 * A key as an error message shows it: quoted, control characters escaped, and
 * shortened, since keys may be megabytes long.
 */
export function quoteKey(key: string): string {
  if (key.length <= QUOTED_KEY_LENGTH) return JSON.stringify(key);
  return `${JSON.stringify(key.slice(0, QUOTED_KEY_LENGTH))}… (${key.length} characters)`;
}
