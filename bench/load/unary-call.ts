import {
  create,
  equals,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { frameMessage, messageFromBody } from "../../src/conformance/grpc/grpc-frame.js";
import { methodPath } from "../../src/conformance/grpc/grpc-request.js";
import type { GrpcConnection } from "./grpc-connection.js";

/** One call as it goes over the wire, and the answer that is right. */
export interface UnaryCall {
  readonly path: string;
  readonly frame: Buffer;
  /** @throws Error when the body is not the right reply */
  assertReply(body: Buffer): void;
}

/** Prepares a call of a method with a request, to be answered with `reply`. */
export function createUnaryCall<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  reply: MessageInitShape<O>,
): UnaryCall {
  const path = methodPath(method);
  const expected = create(method.output, reply);
  return {
    path,
    frame: encodeRequest(method, request),
    assertReply(body) {
      const received = fromBinary(method.output, bodyMessage(body));
      if (!equals(method.output, received, expected)) throw new Error(`${path}: wrong reply`);
    },
  };
}

/** A request as the frame that carries it. */
export function encodeRequest<I extends DescMessage>(
  method: DescMethodUnary<I>,
  request: MessageInitShape<I>,
): Buffer {
  return frameMessage(toBinary(method.input, create(method.input, request)));
}

/**
 * The message of a body.
 *
 * @throws Error when the body is not one uncompressed message
 */
export function bodyMessage(body: Buffer): Buffer {
  const message = messageFromBody(body);
  if (message === undefined) throw new Error("a body without a message");
  return message;
}

/** Makes a call, checks its reply and gives the length of the reply's body in bytes. */
export async function makeCheckedCall(
  connection: GrpcConnection,
  call: UnaryCall,
): Promise<number> {
  const body = await connection.call(call.path, call.frame);
  call.assertReply(body);
  return body.length;
}
