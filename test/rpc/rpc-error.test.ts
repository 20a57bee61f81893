import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { CacheError, type CacheErrorCode } from "../../src/contract/cache-error.js";
import {
  cacheErrorCodeFromStatus,
  RpcError,
  rpcErrorFrom,
  StatusCode,
} from "../../src/rpc/rpc-error.js";

const CODES: [CacheErrorCode, Code][] = [
  ["invalid_argument", Code.InvalidArgument],
  ["failed_precondition", Code.FailedPrecondition],
  ["resource_exhausted", Code.ResourceExhausted],
  ["unavailable", Code.Unavailable],
];

test("Connect recognises an RpcError as its own error", () => {
  const error = new RpcError(StatusCode.unavailable, "closing");
  expect(error).toBeInstanceOf(ConnectError);
  expect(ConnectError.from(error)).toBe(error);
});

test("the status codes are those of Connect", () => {
  const ours = Object.values(StatusCode).filter((code) => code !== StatusCode.ok);
  expect(ours.every((code) => code in Code)).toBe(true);
  expect(StatusCode.deadlineExceeded).toBe(Code.DeadlineExceeded);
  expect(StatusCode.unimplemented).toBe(Code.Unimplemented);
  expect(StatusCode.cancelled).toBe(Code.Canceled);
  expect(StatusCode.unknown).toBe(Code.Unknown);
  expect(StatusCode.unauthenticated).toBe(Code.Unauthenticated);
});

describe.each(CODES)("%s", (word, code) => {
  test("keeps its code and message, and is not reported", () => {
    const report = vi.fn();
    const error = rpcErrorFrom(new CacheError(word, "what and why"), report);
    expect(error.code).toBe(code);
    expect(error.rawMessage).toBe("what and why");
    expect(report).not.toHaveBeenCalled();
  });

  test("is read from its status", () => {
    expect(cacheErrorCodeFromStatus(code)).toBe(word);
  });
});

test.each([new Error("a secret"), "a secret", undefined, new CacheError("internal", "a secret")])(
  "%s is reported, and has a fixed text",
  (thrown) => {
    const report = vi.fn();
    const error = rpcErrorFrom(thrown, report);
    expect(error.code).toBe(StatusCode.internal);
    expect(error.rawMessage).toBe("internal error");
    expect(report).toHaveBeenCalledExactlyOnceWith(thrown);
  },
);

test("a status without an error code is internal", () => {
  expect(cacheErrorCodeFromStatus(Code.DataLoss)).toBe("internal");
});
