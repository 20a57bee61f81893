import { escapeControls } from "./printable-text.js";

/**
 * Why an operation failed. Each code has the name of a gRPC status code and becomes that status
 * on the wire.
 *
 * - `invalid_argument`: the input breaks a rule. A retry does not help.
 * - `failed_precondition`: the provider is not in the state that the call needs: it is not
 *   configured, or it does not support the protocol version.
 * - `resource_exhausted`: the input or the reply exceeds a size limit. The message names it.
 * - `unavailable`: the provider is closing. A retry may reach a new process.
 * - `internal`: any unexpected error. On the wire its message is replaced by a fixed text.
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

/** Marks every {@link CacheError}, those of other copies of this module included. */
const MARK = Symbol.for("gestalt-cache-memory/CacheError");

/**
 * An error whose message the caller of a cache receives over the wire. The message names the
 * input and the rule, and never contains cached bytes. Any other thrown value becomes `internal`
 * on the wire.
 *
 * `instanceof` is also true for errors of another copy of this package: the command has its own
 * copy, and a project may install two versions. It is false for an error with a code that is not
 * a {@link CacheErrorCode}.
 */
export class CacheError extends Error {
  static {
    // Not a declared member, so that TypeScript treats the errors of two copies as one type.
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
    // A subclass has no mark of its own; the prototype chain identifies its instances.
    if (this !== CacheError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return value instanceof Error && MARK in value && "code" in value && CODES.has(value.code);
  }
}

/** How much of a key an error message shows, in UTF-16 code units. */
const QUOTED_KEY_LENGTH = 48;

/**
 * A key as error messages show it: quoted, with control characters escaped. A key of more than
 * 48 UTF-16 code units is cut, and its length is added; keys may be megabytes long.
 */
export function quoteKey(key: string): string {
  const quoted = escapeControls(JSON.stringify(key.slice(0, QUOTED_KEY_LENGTH)));
  return key.length <= QUOTED_KEY_LENGTH ? quoted : `${quoted}… (${key.length} characters)`;
}
