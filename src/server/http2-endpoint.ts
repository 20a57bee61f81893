import { createServer, type Http2Server } from "node:http2";
import type { Socket } from "node:net";
import type { ServedMethods } from "../rpc/unary-method.js";
import type { ConnectHandler } from "./connect/connect-handler.js";
import { Http2Exchange } from "./connect/http2-exchange.js";
import { createLazyConnectHandler } from "./connect/lazy-connect-handler.js";
import { createUnaryGrpcDispatcher } from "./grpc/unary-grpc-dispatcher.js";
import { http2Options } from "./http2-options.js";
import type { Dispatch } from "./limits/dispatch.js";
import { connectionOf, Http2Connection } from "./limits/http2-connection.js";
import type { ServerContext } from "./limits/server-context.js";

/** How an HTTP/2 endpoint serves. */
export interface Http2EndpointOptions {
  /**
   * What carries gRPC. `unary-grpc` (the default) serves unary calls itself and leaves all other
   * calls to Connect; `connect` leaves all calls to Connect. Both return the same replies.
   */
  readonly dispatcher?: "unary-grpc" | "connect";
}

/** The part of a server that speaks HTTP/2, without the addresses that it listens at. */
export interface Http2Endpoint {
  /** Listens, or takes sockets that another server has accepted, as its event "connection". */
  readonly server: Http2Server;
  /** Carries the calls of the same methods with Connect, over any version of HTTP. */
  readonly handleConnect: ConnectHandler;
}

/** Serves some requests itself, and passes the others to `dispatch`. */
export type RequestFilter = (dispatch: Dispatch) => Dispatch;

/** Creates an endpoint that serves the methods. */
export function createHttp2Endpoint(
  methods: ServedMethods,
  context: ServerContext,
  { dispatcher = "unary-grpc" }: Http2EndpointOptions = {},
  filter: RequestFilter = (dispatch) => dispatch,
): Http2Endpoint {
  const handleConnect = createLazyConnectHandler(methods, context);
  const connect = createConnectDispatcher(handleConnect);
  const dispatch =
    dispatcher === "connect" ? connect : createUnaryGrpcDispatcher(methods, context, connect);
  const server = createServer(http2Options(context.limits));
  // HTTP/2's own listener, which runs between these two, makes the session of the socket.
  let accepted: Socket | undefined;
  server.prependListener("connection", (socket: Socket) => (accepted = socket));
  server.on("connection", () => (accepted = undefined));
  server.on("session", (session) => Http2Connection.accept(session, accepted, context));
  server.on("stream", filter(dispatch));
  return { server, handleConnect };
}

function createConnectDispatcher(handle: ConnectHandler): Dispatch {
  return (stream, headers) => {
    stream.on("error", ignore);
    const connection = connectionOf(stream);
    // A stream that was reset before it got here has no "close" event any more.
    if (stream.destroyed) connection?.countReset();
    else if (connection !== undefined) handle(new Http2Exchange(stream, headers), connection);
  };
}

/** A stream fails when its client leaves; "close" follows. */
function ignore(): void {}
