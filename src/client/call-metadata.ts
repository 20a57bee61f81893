import type { Interceptor } from "@connectrpc/connect";
import { HOST_BINDING_HEADER, RELAY_TOKEN_HEADER } from "../rpc/host-headers.js";

/** The largest number in a `grpc-timeout` header: eight digits. */
const MAX_TIMEOUT_VALUE = 99_999_999;

/**
 * Creates an interceptor that sends the token, the binding and the deadline with every call. An
 * empty token, an empty binding and a deadline of 0 are not sent.
 */
export function sendMetadata(metadata: {
  readonly token: string;
  readonly binding: string;
  readonly timeoutMs: number;
}): Interceptor {
  const { token, binding, timeoutMs } = metadata;
  return (next) => (request) => {
    if (token !== "") request.header.set(RELAY_TOKEN_HEADER, token);
    if (binding !== "") request.header.set(HOST_BINDING_HEADER, binding);
    if (timeoutMs > 0) request.header.set("grpc-timeout", formatGrpcTimeout(timeoutMs));
    return next(request);
  };
}

/**
 * A timeout in the form of gRPC's specification: a whole number of at most eight digits, and its
 * unit. Milliseconds are rounded up, so that the deadline of the server is not before that of the
 * client. Seconds are rounded down, since some servers count milliseconds in 32 bits.
 */
export function formatGrpcTimeout(timeoutMs: number): string {
  const ms = Math.ceil(timeoutMs);
  return ms <= MAX_TIMEOUT_VALUE ? `${ms}m` : `${Math.floor(ms / 1000)}S`;
}
