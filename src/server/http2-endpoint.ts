import { createServer, type Http2Server } from "node:http2";
import type { Socket } from "node:net";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { Connections } from "./limits/connections.js";
import type { Dispatch, ServerContext } from "./limits/dispatch.js";
import { http2Options } from "./http2-options.js";
import { createLazyDispatcher } from "./connect/lazy-dispatcher.js";
import { createLeanDispatcher } from "./grpc/lean-dispatcher.js";

/** What an HTTP/2 endpoint serves, and how. */
export interface Http2EndpointOptions {
  readonly routes: readonly ServiceRoute[];
  /**
   * What carries gRPC: `lean` (the default) serves unary calls itself and leaves
   * everything else to Connect's adapter, `connect` leaves it everything. Both
   * answer alike; the second is there to compare with.
   */
  readonly dispatcher?: "lean" | "connect";
}

/** All of a server that speaks HTTP/2, except where it listens. */
export interface Http2Endpoint {
  /** To listen with, or to hand sockets to that somebody else accepted ("connection"). */
  readonly server: Http2Server;
  readonly connections: Connections;
}

/** What {@link createHttp2Endpoint} may be told to put before its calls. */
export type RequestFilter = (dispatch: Dispatch, connections: Connections) => Dispatch;

/**
 * Makes an endpoint that serves the routes.
 *
 * @param filter - stands before the calls: may answer some itself, and passes on the rest
 */
export function createHttp2Endpoint(
  options: Http2EndpointOptions,
  context: ServerContext,
  filter: RequestFilter = (dispatch) => dispatch,
): Http2Endpoint {
  const connections = new Connections(context);
  const server = createServer(http2Options(context.limits));
  server.on("connection", (socket: Socket) => connections.addSocket(socket));
  server.on("session", (session) => connections.add(session));
  server.on("stream", filter(createDispatcher(options, context, connections), connections));
  return { server, connections };
}

function createDispatcher(
  { routes, dispatcher = "lean" }: Http2EndpointOptions,
  context: ServerContext,
  connections: Connections,
): Dispatch {
  const connect = createLazyDispatcher(async () => {
    const { createConnectDispatcher } = await import("./connect/connect-dispatcher.js");
    return createConnectDispatcher(routes, context, connections);
  }, context.report);
  return dispatcher === "connect"
    ? connect
    : createLeanDispatcher(routes, context, connections, connect);
}
