import { escapeControls } from "./printable-text.js";

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

const CODES: ReadonlySet<unknown> = new Set<CacheErrorCode>([
  "invalid_argument",
  "failed_precondition",
  "resource_exhausted",
  "unavailable",
  "internal",
]);

/** Marks every {@link CacheError}, also those of other copies of this module. */
const MARK = Symbol.for("gestalt-cache-memory/CacheError");

/**
 * An error that the caller of a cache is meant to see: its message travels
 * over the wire as it is, so it names the input and the rule, and never holds
 * cached bytes. Every other thrown value becomes `internal` on the wire.
 *
 * `instanceof` is true for errors of another copy of this package as well: the
 * command has one of its own, and a project may install two versions. An error
 * with a code that this copy does not know is none.
 */
export class CacheError extends Error {
  static {
    // Not a member: for TypeScript, too, errors of two copies are one type.
    Object.defineProperty(this.prototype, MARK, { value: true });
  }

  override readonly name = "CacheError";

  constructor(
    readonly code: CacheErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Recognises errors of another copy of this package too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass has no mark of its own, and is told apart as usual.
    if (this !== CacheError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return value instanceof Error && MARK in value && "code" in value && CODES.has(value.code);
  }
}

/** How much of a key an error message shows, in UTF-16 code units. */
const QUOTED_KEY_LENGTH = 48;

/**
 * A key as an error message shows it: quoted, control characters escaped, and
 * shortened, since keys may be megabytes long.
 */
export function quoteKey(key: string): string {
  const quoted = escapeControls(JSON.stringify(key.slice(0, QUOTED_KEY_LENGTH)));
  return key.length <= QUOTED_KEY_LENGTH ? quoted : `${quoted}… (${key.length} characters)`;
}
