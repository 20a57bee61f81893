import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import type { HttpExchange } from "./http-exchange.js";
import { roomToWrite } from "./room-to-write.js";

/** An exchange over HTTP/1.1. */
export class Http1Exchange implements HttpExchange {
  readonly isProgressChecked = true;
  readonly isResetByClient = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    response.on("error", ignore);
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get method(): string {
    return this.#request.method ?? "";
  }

  get path(): string {
    return this.#request.url ?? "";
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get body(): AsyncIterable<Buffer> {
    // A refused request must not be destroyed: its response uses the same socket.
    return this.#request.iterator({ destroyOnReturn: false });
  }

  get hasResponded(): boolean {
    return this.#response.headersSent;
  }

  get isClosed(): boolean {
    return this.#response.destroyed || this.#response.closed;
  }

  onClose(listener: () => void): void {
    this.#response.once("close", listener);
  }

  respond(status: number, headers: OutgoingHttpHeaders): void {
    this.#response.writeHead(status, headers);
  }

  async write(chunk: Uint8Array): Promise<boolean> {
    await roomToWrite(this.#response, this.#response.write(chunk));
    return !this.isClosed;
  }

  end(trailers?: OutgoingHttpHeaders): void {
    if (trailers !== undefined) this.#response.addTrailers(trailers);
    this.#response.end();
  }

  refuse(status: number, headers: OutgoingHttpHeaders, body?: string): void {
    this.#response.writeHead(status, headers);
    this.#response.end(body);
  }

  reset(): void {
    this.#response.destroy();
  }
}

function ignore(): void {}
