import type { Interceptor } from "@connectrpc/connect";
import { HOST_BINDING_HEADER, RELAY_TOKEN_HEADER } from "../rpc/host-headers.js";

/** The largest number that a `grpc-timeout` header may have. */
const MAX_TIMEOUT_VALUE = 99_999_999;

/**
 * Sends the token, the binding and the deadline with every call; a token or a binding
 * that is empty is left out, and so is a deadline of 0.
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
 * A timeout as gRPC's specification writes it: a whole number of at most eight digits,
 * and its unit. Milliseconds are rounded up, so that the server does not give up before
 * the client; seconds down, since some servers count in 32 bits of milliseconds.
 */
export function formatGrpcTimeout(timeoutMs: number): string {
  const ms = Math.ceil(timeoutMs);
  return ms <= MAX_TIMEOUT_VALUE ? `${ms}m` : `${Math.floor(ms / 1000)}S`;
}
