import {
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { checkedBody, type BodyChecks } from "./checked-body.js";
import { takeBodyFormat, type BodyFormat } from "./connect-body.js";
import type { ConnectCall } from "./connect-call.js";
import { systemErrorCode } from "../listen/listen-error.js";

/**
 * A request whose body Connect reads only when it is complete, within its limits
 * and decodable. What is wrong with it is thrown where Connect turns errors into
 * answers.
 */
export class CheckedRequest extends Http2ServerRequest {
  private readonly format: BodyFormat;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    private readonly call: ConnectCall,
    readonly checks: BodyChecks,
  ) {
    const format = takeBodyFormat(headers);
    super(stream, headers, {}, []);
    this.format = format;
  }

  override [Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    return checkedBody(this.chunks(), this.format, this.checks, this.call);
  }

  private async *chunks(): AsyncGenerator<Buffer, undefined> {
    const pieces = { [Symbol.asyncIterator]: () => super[Symbol.asyncIterator]() };
    for await (const chunk of pieces as AsyncIterable<Buffer>) {
      this.call.received(chunk.length);
      yield chunk;
    }
    return undefined;
  }
}

/** A response that tells its call what it writes. */
export class CountedResponse extends Http2ServerResponse {
  constructor(
    stream: ServerHttp2Stream,
    private readonly call: ConnectCall,
  ) {
    super(stream);
  }

  override writeHead(...head: unknown[]): this {
    // The call has been answered in Connect's stead, which logs any other error.
    if (this.stream.headersSent) throw Object.assign(new Error("answered"), { code: HUNG_UP });
    return (super.writeHead as (...all: unknown[]) => this).apply(this, head);
  }

  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    this.call.replied(chunk.length);
    const callback = rest.pop();
    rest.push(typeof callback === "function" ? hearHangUp(callback as WriteCallback) : callback);
    return (super.write as (...all: unknown[]) => boolean).call(this, chunk, ...rest);
  }
}

/** What Connect takes for a client that is gone. */
const HUNG_UP = "ECONNRESET";

type WriteCallback = (error?: Error | null) => void;

/** Connect logs what went wrong in writing, unless it sees that the client is gone. */
function hearHangUp(callback: WriteCallback): WriteCallback {
  return (error) => {
    // From Node 22 on: a write that was under way when the stream was reset.
    const isHangUp = systemErrorCode(error) === "ECANCELED";
    callback(isHangUp ? Object.assign(error as Error, { code: HUNG_UP }) : error);
  };
}
