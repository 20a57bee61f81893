import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { createConnectDispatcher } from "./connect-dispatcher.js";
import type { ListenAddress } from "./listen-address.js";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server-limits.js";
import { listenOnTcp } from "./tcp-socket.js";
import { listenOnUnixSocket } from "./unix-socket.js";

export type { ListenAddress } from "./listen-address.js";

/** What a server serves, and how. */
export interface ServerOptions {
  readonly routes: readonly ServiceRoute[];
  /** Bounds that differ from {@link DEFAULT_SERVER_LIMITS}. */
  readonly limits?: Partial<ServerLimits>;
  /** Takes errors that no client can be told; default: one entry on stderr. */
  readonly report?: (error: unknown, where: string) => void;
}

/** A server that is accepting connections. */
export interface ProviderServer {
  /** Where it listens; for TCP with the port that was really taken. */
  readonly address: ListenAddress;
  /**
   * Ends it: no new connections, calls in flight finish (for at most
   * `limits.drainMs`), sessions end, the socket file goes if it is still ours.
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
  address: ListenAddress,
): Promise<ProviderServer> {
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const report = options.report ?? reportToStderr;
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // A client that breaks the protocol has ended its own session; nobody else is concerned.
    session.on("error", () => {});
  });
  server.on("stream", createConnectDispatcher(options.routes, limits));

  const bound = await listen(server, address);
  server.on("error", (error) => report(error, "server"));
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    close: () => {
      closing ??= drain(server, sessions, bound.release, limits.drainMs);
      return closing;
    },
  };
}

interface Bound {
  readonly address: ListenAddress;
  readonly release: () => void;
}

async function listen(server: Http2Server, address: ListenAddress): Promise<Bound> {
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
  sessions: ReadonlySet<ServerHttp2Session>,
  release: () => void,
  drainMs: number,
): Promise<void> {
  release();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const session of sessions) session.close();
  const impatience = setTimeout(() => {
    for (const session of sessions) session.destroy();
  }, drainMs);
  await closed;
  clearTimeout(impatience);
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
