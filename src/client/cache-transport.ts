import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { wasRefused } from "./call-error.js";
import { originOf, type CacheTarget } from "./cache-target.js";
import { connectSocket, type CacheTlsOptions } from "./connect-socket.js";
import { Http2Connection } from "./http2-connection.js";

/** The largest reply that the client accepts, in bytes. Replies of a cache are far smaller. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;

/** A silent connection over a network is verified with a PING; a Unix socket never is. */
const VERIFY_NETWORK = { verifyAfterMs: 30_000, verifyTimeoutMs: 3_000 };
const VERIFY_NEVER = { verifyAfterMs: Infinity, verifyTimeoutMs: 0 };

/** A gRPC transport over one connection. It connects at the first call and after a failure. */
export interface CacheTransport {
  readonly transport: Transport;
  /** Closes the connection. Calls in flight and later calls fail. */
  close(): void;
}

/** Creates a transport to a target. It does not connect yet. */
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
    // Compression gains nothing on one machine, and a small reply could inflate to gigabytes.
    acceptCompression: [],
    readMaxBytes: MAX_REPLY_BYTES,
  });
  return { transport, close: () => connection.close() };
}

/**
 * Repeats a refused call once. A closing server refuses new calls; the second attempt opens a new
 * connection and reaches the server that replaced it.
 */
const retryRefused: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (request.stream || request.signal.aborted || !wasRefused(error)) throw error;
    return await next(request);
  }
};
