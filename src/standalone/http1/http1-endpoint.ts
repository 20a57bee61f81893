import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ServerContext } from "../../server/limits/server-context.js";
import { Http1Connection } from "./http1-connection.js";
import { takeAbsoluteTarget } from "./request-target.js";

/** The most header fields of one request; clients of a cache send a dozen. */
const MAX_HEADERS = 100;

/** The largest number of bytes that Node takes as a limit of headers. */
const MAX_HEADER_LIMIT = 2 ** 31 - 1;

/** Serves one request of HTTP/1.1. */
export type Http1Listener = (
  request: IncomingMessage,
  response: ServerResponse,
  connection: Http1Connection,
) => void;

/**
 * The part of a server that speaks HTTP/1.1, on sockets that another server has accepted.
 * Node's own timeouts work only in a server that listens, so the connections check their
 * timeouts themselves.
 */
export class Http1Endpoint {
  readonly #server: Server;
  readonly #connections = new WeakMap<Socket, Http1Connection>();
  readonly #context: ServerContext;

  constructor(handle: Http1Listener, context: ServerContext) {
    this.#context = context;
    this.#server = createServer(
      { maxHeaderSize: Math.min(context.limits.maxHeaderBytes, MAX_HEADER_LIMIT), noDelay: true },
      (request, response) => {
        const connection = this.#connections.get(request.socket);
        if (connection === undefined) return;
        connection.begin(request, response);
        takeAbsoluteTarget(request);
        handle(request, response, connection);
      },
    );
    this.#server.maxHeadersCount = MAX_HEADERS;
  }

  /** Serves a connection. It is closed at once when there are too many. */
  accept(socket: Socket): void {
    const { connections, limits } = this.#context;
    const connection = new Http1Connection(socket, limits);
    const isAccepted = connections.add(connection);
    socket.once("close", () => connections.remove(connection));
    if (!isAccepted) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, connection);
    this.#server.emit("connection", socket);
  }
}
