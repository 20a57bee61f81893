import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { CACHE_REPLY_ENCODERS, type ReplyEncoder } from "./cache-reply-encoders.js";
import { CACHE_REQUEST_DECODERS, type RequestDecoder } from "./cache-request-decoders.js";

/** Decodes the requests of one method, and encodes its replies. */
export interface UnaryCodec {
  /**
   * The largest request that may be decoded, in bytes; Infinity when the decoder itself bounds
   * the memory that a request takes.
   */
  readonly maxRequestBytes: number;
  /** @throws Error for bytes that are not a message of the request's type */
  readonly decodeRequest: RequestDecoder;
  /** Takes a message or its init shape. */
  readonly encodeReply: ReplyEncoder;
}

/**
 * The largest request that protobuf-es decodes. A message can take a hundred times the memory of
 * its bytes (a Struct of empty lists), and these messages are small.
 */
const MAX_REFLECTED_REQUEST_BYTES = 1_048_576;

/** Unknown fields are dropped: kept, every two bytes of them would cost an object. */
const READ_OPTIONS = { readUnknownFields: false };

/**
 * Returns the codec of a method. That of the Cache service is written by hand, which halves the
 * cost of a call; other methods use their descriptors. The two differ only for a string that
 * begins with a byte order mark, which protobuf-es drops.
 */
export function createUnaryCodec({ input, output }: DescMethodUnary): UnaryCodec {
  const decodeRequest = CACHE_REQUEST_DECODERS.get(input.typeName);
  return {
    maxRequestBytes: decodeRequest === undefined ? MAX_REFLECTED_REQUEST_BYTES : Infinity,
    decodeRequest: decodeRequest ?? ((bytes) => fromBinary(input, bytes, READ_OPTIONS)),
    encodeReply: CACHE_REPLY_ENCODERS.get(output.typeName) ?? reflectedEncoder(output),
  };
}

function reflectedEncoder(output: DescMessage): ReplyEncoder {
  return (reply, headroom) => {
    const message = toBinary(output, create(output, reply as MessageInitShape<DescMessage>));
    const bytes = Buffer.allocUnsafe(headroom + message.length);
    bytes.set(message, headroom);
    return bytes;
  };
}
