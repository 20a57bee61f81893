import http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { GrpcTransportOptions } from "@connectrpc/connect-node";
import { Http2Session } from "./http2-session.js";

/** The interface that Connect's transport calls. */
type SessionManager = NonNullable<GrpcTransportOptions["sessionManager"]>;

/** Options of an {@link Http2Connection}. */
export interface Http2ConnectionOptions {
  /** Opens a socket. */
  readonly connect: () => Duplex;
  /**
   * A connection that was silent for this many milliseconds is verified with a PING before the
   * next request. A connection over a network may be dead without an error, for example after a
   * laptop slept or a router restarted. Infinity: never, for Unix sockets.
   */
  readonly verifyAfterMs: number;
  /** The longest wait for the reply to that PING, in milliseconds. */
  readonly verifyTimeoutMs: number;
}

/**
 * A connection that opens at the first request, and again after it failed or the server sent
 * GOAWAY.
 *
 * Connect's own session manager (2.1) removes its error listener from sessions that are about to
 * fail. A server that does not speak HTTP/2 then ends the whole process.
 */
export class Http2Connection implements SessionManager {
  #session: Http2Session | undefined;
  #closed = false;
  readonly #options: Http2ConnectionOptions;

  /** @param authority - the origin of the requests, such as `http://localhost` */
  constructor(
    readonly authority: string,
    options: Http2ConnectionOptions,
  ) {
    this.#options = options;
  }

  /**
   * Sends the headers of a request. Connects first if there is no usable connection.
   *
   * @throws Node's error when it cannot connect, and Error after {@link Http2Connection.close}
   */
  async request(
    method: string,
    path: string,
    headers: http2.OutgoingHttpHeaders,
    options: http2.ClientSessionRequestOptions,
  ): Promise<http2.ClientHttp2Stream> {
    const session = await this.#usableSession();
    return session.request({ ...headers, ":method": method, ":path": path }, options);
  }

  /** Connect calls this for every part of a reply that it reads, and at its end. */
  notifyResponseByteRead(stream: http2.ClientHttp2Stream): void {
    this.#session?.recordActivity();
    // A reply may end before the request is sent. The rest of the request is then useless. It
    // would keep its memory, and the process alive, until the server reads it.
    if (stream.readableEnded && !stream.writableEnded) {
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
    }
  }

  /** Closes the connection at once. Requests in flight and later requests fail. */
  close(): void {
    this.#closed = true;
    this.#session?.destroy();
  }

  async #usableSession(): Promise<Http2Session> {
    const { connect, verifyAfterMs, verifyTimeoutMs } = this.#options;
    for (;;) {
      // A request that began before close() may get here after it.
      if (this.#closed) throw new Error("the connection was closed");
      if (!this.#session?.usable) this.#session = new Http2Session(this.authority, connect);
      const session = this.#session;
      await session.connected;
      // The session may have ended since it connected.
      if (await session.verify(verifyAfterMs, verifyTimeoutMs)) return session;
    }
  }
}
