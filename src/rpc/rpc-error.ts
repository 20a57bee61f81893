import type { CacheErrorCode } from "../contract/cache-error.js";
import {
  isRpcError,
  RpcError,
  rpcErrorFromCacheError,
  STATUS_OF,
  StatusCode,
} from "../contract/rpc-error.js";

export { isRpcError, RpcError, StatusCode } from "../contract/rpc-error.js";

/** What a caller reads when something unexpected happened; the detail stays here. */
export const INTERNAL_ERROR_MESSAGE = "internal error";

/** Takes the detail of an error that its caller only reads as "internal error". */
export type ReportError = (error: unknown) => void;

/**
 * Any thrown value as a caller may see it. A {@link CacheError} keeps its code and
 * message, and so does an error of Connect's. Everything else was not expected: the
 * caller reads a fixed text, and the value itself goes to `report`.
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
 * Any value that a lifecycle handler threw, as the operator reads it through the host:
 * as {@link rpcErrorFrom} has it, but with the text of an error that was not expected.
 * The lifecycle never sees cached bytes, and the host is its only caller.
 *
 * @param step - what failed, such as `configure`
 */
export function lifecycleErrorFrom(step: string, thrown: unknown, report: ReportError): RpcError {
  const error = rpcErrorFrom(thrown, report);
  if (error.rawMessage !== INTERNAL_ERROR_MESSAGE) return error;
  return new RpcError(StatusCode.internal, `${step}: ${messageOf(thrown)}`, thrown);
}

/** The text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

/** The word for a status code that a server answered; `internal` for codes without a word. */
export function cacheErrorCodeFromStatus(status: number): CacheErrorCode {
  for (const [code, known] of Object.entries(STATUS_OF)) {
    if (known === status) return code as CacheErrorCode;
  }
  return "internal";
}
