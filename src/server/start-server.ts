import type { Http2Server } from "node:http2";
import { clearTimeout, setTimeout } from "node:timers";
import type { ConnectionRegistry } from "./limits/connection-registry.js";
import type { ServedMethods } from "../rpc/unary-method.js";
import { createHttp2Endpoint, type Http2EndpointOptions } from "./http2-endpoint.js";
import type { PlainListenAddress } from "./listen/listen-address.js";
import { listenOnTcp } from "./listen/tcp-socket.js";
import { timerDelayMs } from "./limits/long-timeout.js";
import { createServerContext, type ServerContextOptions } from "./limits/server-context.js";
import { listenOnUnixSocket } from "./listen/unix-socket.js";

/** Options of {@link startServer}. */
export interface StartOptions extends Http2EndpointOptions, ServerContextOptions {}

/** A server that accepts connections. */
export interface ProviderServer {
  /** Where the server listens. A TCP address has the real port, also if port 0 was asked for. */
  readonly address: PlainListenAddress;
  /**
   * Closes the server. It accepts no more connections, removes its socket file unless another
   * server has replaced it, and waits for calls in flight for at most
   * `limits.drainTimeoutMs`. A second call returns the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts a server of the methods. Settles when it accepts connections.
 *
 * @throws CacheError `invalid_argument` for wrong limits; ListenError when it cannot listen at
 *   the address
 */
export async function startServer(
  methods: ServedMethods,
  options: StartOptions,
  address: PlainListenAddress,
): Promise<ProviderServer> {
  const context = createServerContext(options);
  const { server } = createHttp2Endpoint(methods, context, options);

  const bound = await listen(server, address);
  server.on("error", (error) => context.report(error, "server"));
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    close: () => {
      closing ??= drain(server, context.connections, bound.release, context.limits.drainTimeoutMs);
      return closing;
    },
  };
}

interface Bound {
  readonly address: PlainListenAddress;
  readonly release: () => void;
}

async function listen(server: Http2Server, address: PlainListenAddress): Promise<Bound> {
  if (address.kind === "unix") {
    const { release } = await listenOnUnixSocket(server, address.path);
    return { address, release };
  }
  const port = await listenOnTcp(server, address.host, address.port);
  return { address: { ...address, port }, release: () => {} };
}

/**
 * Closes the server and its connections. `server.close()` alone would wait for ever for an
 * idle HTTP/2 session.
 */
async function drain(
  server: Http2Server,
  connections: ConnectionRegistry,
  release: () => void,
  drainTimeoutMs: number,
): Promise<void> {
  release();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  connections.closeAll();
  const timeout = setTimeout(() => connections.destroyAll(), timerDelayMs(drainTimeoutMs));
  await closed;
  clearTimeout(timeout);
}
