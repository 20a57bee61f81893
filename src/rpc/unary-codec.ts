import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMethodUnary, MessageInitShape, DescMessage } from "@bufbuild/protobuf";

/** Turns one method's request bytes into a message, and its replies into bytes. */
export interface UnaryCodec {
  /** @throws Error when the bytes are not a message of the request's type */
  decodeRequest(bytes: Uint8Array): object;
  /** A reply or its init shape, after `headroom` bytes that are the caller's to fill. */
  encodeReply(reply: object, headroom: number): Buffer;
}

/** Unknown fields are dropped: kept, every two bytes of them would cost an object. */
const READ_OPTIONS = { readUnknownFields: false };

/** The codec of any method, by its descriptor. */
export function createUnaryCodec({ input, output }: DescMethodUnary): UnaryCodec {
  return {
    decodeRequest: (bytes) => fromBinary(input, bytes, READ_OPTIONS),
    encodeReply: (reply, headroom) => {
      const message = toBinary(output, create(output, reply as MessageInitShape<DescMessage>));
      const bytes = Buffer.allocUnsafe(headroom + message.length);
      bytes.set(message, headroom);
      return bytes;
    },
  };
}
