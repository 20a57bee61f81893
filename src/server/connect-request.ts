import {
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { RequestDecoder } from "../rpc/cache-request-decoders.js";
import type { ByteBudget } from "./byte-budget.js";
import { assertDecodes, decompress, takeBodyFormat, type BodyFormat } from "./connect-body.js";
import type { ConnectCall } from "./connect-call.js";
import { GrowingBuffer } from "./growing-buffer.js";
import { MessageAssembler, PREFIX_BYTES, tooLarge } from "./message-assembler.js";

/** What a request's body is checked against. */
export interface BodyChecks {
  readonly maxBytes: number;
  readonly budget: ByteBudget;
  /** The method's decoder; undefined for an unknown method. */
  readonly decode: RequestDecoder | undefined;
}

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
    private readonly checks: BodyChecks,
  ) {
    const format = takeBodyFormat(headers);
    super(stream, headers, {}, []);
    this.format = format;
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    const message = this.format.isEnveloped ? await this.readEnvelope() : await this.readWhole();
    if (this.format.isBinary && this.checks.decode !== undefined) {
      assertDecodes(this.checks.decode, message);
    }
    await this.call.begin();
    if (this.format.isEnveloped) yield prefixFor(message);
    yield message;
    return undefined;
  }

  private async readEnvelope(): Promise<Buffer> {
    const { maxBytes, budget } = this.checks;
    const assembler = new MessageAssembler(maxBytes, budget, this.format.isGzip);
    this.call.holds(() => assembler.release());
    for await (const chunk of this.chunks()) assembler.push(chunk);
    const message = assembler.finish();
    return assembler.isCompressed ? decompress(message, maxBytes) : message;
  }

  private async readWhole(): Promise<Buffer> {
    const { maxBytes, budget } = this.checks;
    const body = new GrowingBuffer(maxBytes, budget);
    this.call.holds(() => body.release());
    for await (const chunk of this.chunks()) {
      const bytes = body.content.length + chunk.length;
      if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
      body.append(chunk);
    }
    return this.format.isGzip ? decompress(body.content, maxBytes) : body.content;
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

  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    this.call.replied(chunk.length);
    return (super.write as (...all: unknown[]) => boolean).call(this, chunk, ...rest);
  }
}

function prefixFor(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}
