import http2 from "node:http2";
import type { Duplex } from "node:stream";
import type { GrpcTransportOptions } from "@connectrpc/connect-node";
import { Http2Session } from "./http2-session.js";

/** What Connect's transport asks for its requests. */
type SessionManager = NonNullable<GrpcTransportOptions["sessionManager"]>;

/** How an {@link Http2Connection} connects and looks after itself. */
export interface Http2ConnectionOptions {
  /** Opens a socket. */
  readonly connect: () => Duplex;
  /**
   * A connection over a network may be dead without either end knowing, behind a
   * laptop that slept or a router that forgot. One that was silent for this many
   * milliseconds is asked with a PING before the next request goes out. Infinity:
   * never, as fits a Unix socket.
   */
  readonly verifyAfterMs: number;
  /** How long the answer to that PING may take, in milliseconds. */
  readonly verifyTimeoutMs: number;
}

/**
 * A connection that is made at the first request, and again after it broke or
 * the server said good-bye.
 *
 * Connect has such a manager too, but it takes its error listener away from
 * sessions that are about to fail, and then a server that does not speak HTTP/2
 * ends the whole process.
 */
export class Http2Connection implements SessionManager {
  #session: Http2Session | undefined;
  #closed = false;
  readonly #options: Http2ConnectionOptions;

  /** @param authority - the URL that requests are for, such as `http://localhost` */
  constructor(
    readonly authority: string,
    options: Http2ConnectionOptions,
  ) {
    this.#options = options;
  }

  /**
   * Sends the head of a request, connecting first where needed.
   *
   * @throws Node's error when there is no connection to be had
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

  /** Connect tells of every piece of an answer that it reads, and of its end. */
  notifyResponseByteRead(stream: http2.ClientHttp2Stream): void {
    this.#session?.noteAnswer();
    // An answer may come before the request was sent. Nobody wants the rest, which
    // would hold its memory, and the process, for as long as the server does not read.
    if (stream.readableEnded && !stream.writableEnded) {
      stream.close(http2.constants.NGHTTP2_NO_ERROR);
    }
  }

  /** Ends the connection at once and for good. */
  close(): void {
    this.#closed = true;
    this.#session?.destroy();
  }

  async #usableSession(): Promise<Http2Session> {
    const { connect, verifyAfterMs, verifyTimeoutMs } = this.#options;
    for (;;) {
      // A request that began just before close() arrives here just after it.
      if (this.#closed) throw new Error("the connection was closed");
      if (!this.#session?.usable) this.#session = new Http2Session(this.authority, connect);
      const session = this.#session;
      await session.connected;
      // It may have ended between its connecting and our turn to use it.
      if (await session.verify(verifyAfterMs, verifyTimeoutMs)) return session;
    }
  }
}
