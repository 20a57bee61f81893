import type { UnaryMethod } from "../../rpc/unary-method.js";
import type { ByteBudget } from "../limits/byte-budget.js";
import { decodeBody, decompress, type BodyFormat } from "./connect-body.js";
import type { DecodedRequest } from "../limits/decoded-request.js";
import { GrowingBuffer } from "../limits/growing-buffer.js";
import { MessageAssembler, PREFIX_BYTES, tooLarge } from "../limits/message-assembler.js";

/** No message: Connect decodes it, and the decoded request then replaces it. */
const EMPTY_MESSAGE: Buffer = Buffer.alloc(0);

/** The limits of a request's body, and what receives its message. */
export interface BodyChecks {
  /** The largest message, decompressed. */
  readonly maxBytes: number;
  readonly budget: ByteBudget;
  /** Undefined for a method that is not unary. */
  readonly method: UnaryMethod | undefined;
  /** Receives the decoded request. */
  readonly decoded: DecodedRequest;
}

/** The call that a body belongs to. */
export interface BodyOwner {
  /** @param release - returns to the budget what the request holds, when the call is over */
  holds(release: () => void): void;
  /** Called when the request is complete. Settles when it may be handled. */
  begin(): Promise<void>;
}

/**
 * Yields the body of a unary request for Connect when it is complete, within its limits and
 * decodable. A body that is decoded here, see {@link decodeBody}, becomes an empty message.
 *
 * @throws RpcError for any other body
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
  checks.decoded.message = decodeBody(message, format.encoding, checks.method);
  await owner.begin();
  const rest = checks.decoded.message === undefined ? message : EMPTY_MESSAGE;
  if (format.isEnveloped) yield prefixFor(rest);
  yield rest;
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
  { isGzip, declaredBytes }: BodyFormat,
  { maxBytes, budget }: BodyChecks,
  owner: BodyOwner,
): Promise<Buffer> {
  if (declaredBytes > maxBytes) throw tooLarge(declaredBytes, maxBytes);
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
