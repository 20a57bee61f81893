import type { Http2Server } from "node:http2";
import { clearTimeout, setTimeout } from "node:timers";
import type { Connections } from "./limits/connections.js";
import { createHttp2Endpoint, type Http2EndpointOptions } from "./http2-endpoint.js";
import type { PlainListenAddress } from "./listen/listen-address.js";
import { listenOnTcp } from "./listen/tcp-socket.js";
import { createServerContext, type ServerContextOptions } from "./limits/server-context.js";
import { listenOnUnixSocket } from "./listen/unix-socket.js";

/** What a server serves, and how. */
export interface ServerOptions extends Http2EndpointOptions, ServerContextOptions {}

/** A server that is accepting connections. */
export interface ProviderServer {
  /** Where it listens; for TCP with the port that was really taken. */
  readonly address: PlainListenAddress;
  /**
   * Ends it: no new connections, calls in flight finish (for at most
   * `limits.drainTimeoutMs`), sessions end, the socket file goes if it is still ours.
   * May be called twice.
   */
  close(): Promise<void>;
}

/**
 * Serves the routes at an address; settled when it accepts.
 * @throws ListenError when it cannot listen there
 */
export async function startProviderServer(
  options: ServerOptions,
  address: PlainListenAddress,
): Promise<ProviderServer> {
  const context = createServerContext(options);
  const { server, connections } = createHttp2Endpoint(options, context);

  const bound = await listen(server, address);
  server.on("error", (error) => context.report(error, "server"));
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    close: () => {
      closing ??= drain(server, connections, bound.release, context.limits.drainTimeoutMs);
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
 * An idle HTTP/2 session would hold `server.close()` open for ever, so every
 * session is told to go; it does so when its last call has been answered.
 */
async function drain(
  server: Http2Server,
  connections: Connections,
  release: () => void,
  drainTimeoutMs: number,
): Promise<void> {
  release();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  connections.closeAll();
  const impatience = setTimeout(() => connections.destroyAll(), drainTimeoutMs);
  await closed;
  clearTimeout(impatience);
}
