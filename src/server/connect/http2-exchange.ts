import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { excuseReset, isResetByClient, resetStream, stopReading } from "../limits/stream-reset.js";
import type { HttpExchange } from "./http-exchange.js";
import { roomToWrite } from "./room-to-write.js";

/** An exchange on a stream of HTTP/2. */
export class Http2Exchange implements HttpExchange {
  readonly httpVersion = "2.0";
  readonly isProgressChecked = false;
  readonly headers: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  #trailers: OutgoingHttpHeaders = {};

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.headers = headers;
    this.#stream = stream;
    stream.on("wantTrailers", () => {
      if (!this.isClosed) stream.sendTrailers(this.#trailers);
    });
    // A response may be complete before the request is. The rest of the request is read and
    // dropped: a reset would overtake the trailers, and unread bytes keep the stream open.
    stream.once("finish", () => {
      if (!stream.readableEnded) excuseReset(stream);
      stream.resume();
    });
  }

  get method(): string {
    return this.headers[":method"] ?? "";
  }

  get path(): string {
    return this.headers[":path"] ?? "";
  }

  get body(): AsyncIterable<Buffer> {
    return this.#stream.iterator({ destroyOnReturn: false });
  }

  get hasResponded(): boolean {
    return this.#stream.headersSent;
  }

  get isClosed(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  get isResetByClient(): boolean {
    return isResetByClient(this.#stream);
  }

  onClose(listener: () => void): void {
    this.#stream.once("close", listener);
  }

  respond(status: number, headers: OutgoingHttpHeaders): void {
    this.#stream.respond({ ":status": status, ...headers }, { waitForTrailers: true });
  }

  async write(chunk: Uint8Array): Promise<boolean> {
    await roomToWrite(this.#stream, this.#stream.write(chunk));
    return !this.isClosed;
  }

  end(trailers: OutgoingHttpHeaders = {}): void {
    this.#trailers = trailers;
    this.#stream.end();
  }

  refuse(status: number, headers: OutgoingHttpHeaders, body?: string): void {
    this.#stream.respond({ ":status": status, ...headers }, { endStream: body === undefined });
    if (body === undefined) stopReading(this.#stream);
    else this.#stream.end(body);
  }

  reset(isDefect = false): void {
    resetStream(this.#stream, isDefect ? constants.NGHTTP2_INTERNAL_ERROR : undefined);
  }
}
