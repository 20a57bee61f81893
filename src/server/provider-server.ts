import { createServer, type Http2Server } from "node:http2";
import { performance } from "node:perf_hooks";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { ByteBudget } from "./byte-budget.js";
import { CallWatch } from "./call-watch.js";
import { Connections } from "./connections.js";
import type { Dispatch, Traffic } from "./dispatch.js";
import { createLazyDispatcher } from "./lazy-dispatcher.js";
import { createLeanDispatcher } from "./lean-dispatcher.js";
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
  /**
   * What carries gRPC: `lean` (the default) serves unary calls itself and leaves
   * everything else to Connect's adapter, `connect` leaves it everything. Both
   * answer alike; the second is there to compare with.
   */
  readonly dispatcher?: "lean" | "connect";
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
  const traffic: Traffic = {
    limits,
    report,
    budget: new ByteBudget(limits.maxBytesInFlight, limits.smallReplyReserveBytes),
    calls: new CallWatch(limits.maxCalls, () => performance.now()),
  };
  const connections = new Connections(traffic);
  const server = createServer();
  server.on("session", (session) => connections.add(session));
  server.on("stream", createDispatcher(options, traffic, connections));

  const bound = await listen(server, address);
  server.on("error", (error) => report(error, "server"));
  let closing: Promise<void> | undefined;
  return {
    address: bound.address,
    close: () => {
      closing ??= drain(server, connections, bound.release, limits.drainMs);
      return closing;
    },
  };
}

function createDispatcher(
  { routes, dispatcher = "lean" }: ServerOptions,
  traffic: Traffic,
  connections: Connections,
): Dispatch {
  const connect = createLazyDispatcher(async () => {
    const { createConnectDispatcher } = await import("./connect-dispatcher.js");
    return createConnectDispatcher(routes, traffic);
  }, traffic.report);
  return dispatcher === "connect"
    ? connect
    : createLeanDispatcher(routes, traffic, connections, connect);
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
  connections: Connections,
  release: () => void,
  drainMs: number,
): Promise<void> {
  release();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  connections.closeAll();
  const impatience = setTimeout(() => connections.destroyAll(), drainMs);
  await closed;
  clearTimeout(impatience);
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
