import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { wasRefusedUnseen } from "./call-error.js";
import { originOf, type CacheTarget } from "./cache-target.js";
import { connectSocket, type CacheTlsOptions } from "./connect-socket.js";
import { Http2Connection } from "./http2-connection.js";

/** Largest reply that the client takes, in bytes; a cache answers far less. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** When to doubt a connection over a network that went silent, and for how long. */
const VERIFY_NETWORK = { verifyAfterMs: 30_000, verifyTimeoutMs: 3_000 };
const VERIFY_NEVER = { verifyAfterMs: Infinity, verifyTimeoutMs: 0 };

/** A gRPC transport over one connection, made at the first call and again after it broke. */
export interface CacheTransport {
  readonly transport: Transport;
  /** Drops the connection for good; calls in flight fail. */
  close(): void;
}

/** Makes a transport to a target. Nothing is connected yet. */
export function createCacheTransport(
  target: CacheTarget,
  options: {
    readonly tls: CacheTlsOptions;
    readonly timeoutMs: number;
    readonly interceptors: readonly Interceptor[];
  },
): CacheTransport {
  const baseUrl = originOf(target);
  const { tls, timeoutMs, interceptors } = options;
  const connection = new Http2Connection(baseUrl, {
    connect: () => connectSocket(target, { tls, timeoutMs }),
    ...(target.kind === "unix" ? VERIFY_NEVER : VERIFY_NETWORK),
  });
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: connection,
    interceptors: [...interceptors, retryRefused],
    // Nothing to gain on a loopback, and a small reply could inflate to gigabytes.
    acceptCompression: [],
    readMaxBytes: MAX_REPLY_BYTES,
  });
  return { transport, close: () => connection.close() };
}

/**
 * A server that closes refuses what it has not begun. The next try makes a new
 * connection, and reaches the server that took its place.
 */
const retryRefused: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (request.stream || request.signal.aborted || !wasRefusedUnseen(error)) throw error;
    return await next(request);
  }
};
