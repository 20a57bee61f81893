import type { CacheErrorCode } from "../contract/cache-error.js";
import {
  isRpcError,
  RpcError,
  rpcErrorFromCacheError,
  STATUS_OF,
  StatusCode,
} from "../contract/rpc-error.js";

export { isRpcError, RpcError, StatusCode } from "../contract/rpc-error.js";

/** The error message for callers when something unexpected happens. */
export const INTERNAL_ERROR_MESSAGE = "internal error";

/** Receives the detail of an error whose caller reads "internal error". */
export type ReportError = (error: unknown) => void;

/**
 * Returns the error that a caller sees for any thrown value. A {@link CacheError} keeps its code
 * and message, and so does an error of Connect. Every other value is unexpected: the error has a
 * fixed text, and the value is passed to `report`.
 */
export function rpcErrorFrom(thrown: unknown, report: ReportError): RpcError {
  if (thrown instanceof RpcError) return thrown;
  if (isRpcError(thrown)) return new RpcError(thrown.code, thrown.rawMessage, thrown);
  const known = rpcErrorFromCacheError(thrown);
  if (known !== undefined) return known;
  report(thrown);
  return new RpcError(StatusCode.internal, INTERNAL_ERROR_MESSAGE, thrown);
}

/**
 * Returns the error that the operator sees, through the host, for any value that a lifecycle
 * handler threw: that of {@link rpcErrorFrom}, but with the text of an unexpected error. The
 * lifecycle handles no cached bytes, and the host is its only caller.
 *
 * @param step - what failed, such as `configure`
 */
export function lifecycleErrorFrom(step: string, thrown: unknown, report: ReportError): RpcError {
  const error = rpcErrorFrom(thrown, report);
  if (error.rawMessage !== INTERNAL_ERROR_MESSAGE) return error;
  return new RpcError(StatusCode.internal, `${step}: ${messageOf(thrown)}`, thrown);
}

/** Returns the text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

/** Returns the error code for a gRPC status; `internal` for a status without one. */
export function cacheErrorCodeFromStatus(status: number): CacheErrorCode {
  for (const [code, known] of Object.entries(STATUS_OF)) {
    if (known === status) return code as CacheErrorCode;
  }
  return "internal";
}
