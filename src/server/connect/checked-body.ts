import type { RequestDecoder } from "../../rpc/cache-request-decoders.js";
import type { ByteBudget } from "../limits/byte-budget.js";
import { decodeChecked, decompress, type BodyFormat } from "./connect-body.js";
import type { DecodedRequest } from "../limits/decoded-request.js";
import { GrowingBuffer } from "../limits/growing-buffer.js";
import { MessageAssembler, PREFIX_BYTES, tooLarge } from "../limits/message-assembler.js";

/** What a request's body is checked against. */
export interface BodyChecks {
  /** The largest message, decompressed. */
  readonly maxBytes: number;
  readonly budget: ByteBudget;
  /** The method's decoder; undefined for an unknown method. */
  readonly decode: RequestDecoder | undefined;
  /** Takes what the body decodes to. */
  readonly decoded: DecodedRequest;
}

/** The call that a body belongs to. */
export interface BodyOwner {
  /** @param release - gives back what the request holds, when the call is over */
  holds(release: () => void): void;
  /** Settles when the request, now complete, may be handled. */
  begin(): Promise<void>;
}

/**
 * The body of a unary request, handed on only when it is complete, within its
 * limits and decodable.
 *
 * @throws RpcError saying what is wrong with it
 */
export async function* checkedBody(
  chunks: AsyncIterable<Buffer>,
  format: BodyFormat,
  checks: BodyChecks,
  owner: BodyOwner,
): AsyncGenerator<Buffer, undefined> {
  const message = format.isEnveloped
    ? await readEnvelope(chunks, format, checks, owner)
    : await readWhole(chunks, format, checks, owner);
  checks.decoded.message = decodeChecked(message, format.encoding, checks.decode);
  await owner.begin();
  if (format.isEnveloped) yield prefixFor(message);
  yield message;
  return undefined;
}

async function readEnvelope(
  chunks: AsyncIterable<Buffer>,
  { isGzip }: BodyFormat,
  { maxBytes, budget }: BodyChecks,
  owner: BodyOwner,
): Promise<Buffer> {
  const assembler = new MessageAssembler(maxBytes, budget, isGzip);
  owner.holds(() => assembler.release());
  for await (const chunk of chunks) assembler.push(chunk);
  const message = assembler.finish();
  return assembler.isCompressed ? decompress(message, maxBytes) : message;
}

async function readWhole(
  chunks: AsyncIterable<Buffer>,
  { isGzip }: BodyFormat,
  { maxBytes, budget }: BodyChecks,
  owner: BodyOwner,
): Promise<Buffer> {
  const body = new GrowingBuffer(maxBytes, budget);
  owner.holds(() => body.release());
  for await (const chunk of chunks) {
    const bytes = body.content.length + chunk.length;
    if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
    body.append(chunk);
  }
  return isGzip ? decompress(body.content, maxBytes) : body.content;
}

function prefixFor(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}
