import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** A request and its response, over either version of HTTP. */
export interface HttpExchange {
  readonly httpVersion: string;
  readonly method: string;
  /** The path, with its query if it has one. */
  readonly path: string;
  /** The request's headers, as Node gives them. */
  readonly headers: IncomingHttpHeaders;
  /** The request's body. To stop reading it early does not end the exchange. */
  readonly body: AsyncIterable<Buffer>;
  /** True once response headers are sent. */
  readonly hasResponded: boolean;
  /** True once nothing can be sent any more. */
  readonly isClosed: boolean;
  /** For a closed exchange: true when the client ended it before the response was complete. */
  readonly isResetByClient: boolean;
  /**
   * True when the connection itself ends a request or a response that makes no progress, so
   * that its calls need not.
   */
  readonly isProgressChecked: boolean;
  /** Calls `listener` once, when the exchange is closed. */
  onClose(listener: () => void): void;
  /** Sends the response's headers. */
  respond(status: number, headers: OutgoingHttpHeaders): void;
  /**
   * Sends a part of the response's body. Settles when there is room for the next part.
   * @returns false when the exchange is closed
   */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Ends the response. */
  end(trailers?: OutgoingHttpHeaders): void;
  /** Sends a whole response without waiting for the rest of the request, which is dropped. */
  refuse(status: number, headers: OutgoingHttpHeaders, body?: string): void;
  /** Breaks the exchange off; `isDefect` when the server is at fault. */
  reset(isDefect?: boolean): void;
}
