import { CacheError, type CacheErrorCode } from "./cache-error.js";

/**
 * gRPC's status codes. Connect's `Code` has the same numbers; importing Connect for them would
 * double the time to the first reply.
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

/** The status code of each {@link CacheErrorCode}. */
export const STATUS_OF: Record<CacheErrorCode, StatusCode> = {
  invalid_argument: StatusCode.invalidArgument,
  failed_precondition: StatusCode.failedPrecondition,
  resource_exhausted: StatusCode.resourceExhausted,
  unavailable: StatusCode.unavailable,
  internal: StatusCode.internal,
};

/**
 * An error for the caller of an RPC: a status code and a message. Connect recognises its errors
 * by their shape, and this class has it, so Connect sends it unchanged.
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

  /** The headers of the error, always empty. Created on demand, as errors may be frequent. */
  get metadata(): Headers {
    return new Headers();
  }
}

/** True for an {@link RpcError} and for a ConnectError. */
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
 * Translates a {@link CacheError} into an {@link RpcError} with the same code and message.
 *
 * @returns undefined for `internal` and for any other error: callers must not see their messages
 */
export function rpcErrorFromCacheError(thrown: unknown): RpcError | undefined {
  if (!(thrown instanceof CacheError) || thrown.code === "internal") return undefined;
  return new RpcError(STATUS_OF[thrown.code], thrown.message, thrown);
}
