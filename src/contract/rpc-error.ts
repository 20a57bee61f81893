import { CacheError, type CacheErrorCode } from "./cache-error.js";

/**
 * gRPC's status codes, as numbers; Connect's `Code` has the same ones. Kept here
 * because importing Connect for them would double the time to the first answer.
 */
export const StatusCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** One of the codes in {@link StatusCode}. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** The status code of each word. */
export const STATUS_OF: Record<CacheErrorCode, StatusCode> = {
  invalid_argument: StatusCode.invalidArgument,
  failed_precondition: StatusCode.failedPrecondition,
  resource_exhausted: StatusCode.resourceExhausted,
  unavailable: StatusCode.unavailable,
  internal: StatusCode.internal,
};

/**
 * An error on its way to a caller: a status code and a message, both of which
 * travel. It has the shape by which Connect recognises its own errors (their
 * `instanceof` is structural), so it passes through Connect as it is.
 */
export class RpcError extends Error {
  override readonly name = "ConnectError";
  readonly rawMessage: string;
  readonly details: readonly never[] = [];
  override readonly cause: unknown;

  constructor(
    readonly code: number,
    message: string,
    cause?: unknown,
  ) {
    super(message);
    this.rawMessage = message;
    this.cause = cause;
  }

  /** Headers that travel with the error: none. Made on demand, errors may be frequent. */
  get metadata(): Headers {
    return new Headers();
  }
}

/** True for our errors and Connect's, which carry a status and a text for the caller. */
export function isRpcError(error: unknown): error is { code: number; rawMessage: string } {
  return (
    error instanceof Error &&
    error.name === "ConnectError" &&
    "code" in error &&
    typeof error.code === "number" &&
    "rawMessage" in error &&
    typeof error.rawMessage === "string"
  );
}

/**
 * The {@link RpcError} for a {@link CacheError}: same code, same message.
 * @returns undefined for `internal` and for anything else, which no caller may read
 */
export function rpcErrorFromCacheError(thrown: unknown): RpcError | undefined {
  if (!(thrown instanceof CacheError) || thrown.code === "internal") return undefined;
  return new RpcError(STATUS_OF[thrown.code], thrown.message, thrown);
}
