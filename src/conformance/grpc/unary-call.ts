import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { CallFailed, NoAnswer } from "../cache-under-test.js";
import type { GrpcCallOptions, GrpcChannel } from "./grpc-channel.js";
import { frameMessage } from "./grpc-frame.js";
import { methodPath } from "./grpc-request.js";

/**
 * Calls a method with a well-formed request.
 *
 * @throws CallFailed for a status other than OK
 * @throws NoAnswer when what came back is no answer to this method
 */
export async function unaryCall<I extends DescMessage, O extends DescMessage>(
  channel: GrpcChannel,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  options?: GrpcCallOptions,
): Promise<MessageShape<O>> {
  const body = frameMessage(toBinary(method.input, create(method.input, request)));
  const reply = await channel.call(methodPath(method), body, options);
  if (reply.status !== "OK") throw new CallFailed(reply.status, reply.statusMessage);
  if (reply.message === undefined) throw new NoAnswer("an OK reply without a message");
  try {
    return fromBinary(method.output, reply.message);
  } catch (cause) {
    const problem = `a reply that is not a ${method.output.typeName}: ${String(cause)}`;
    throw new NoAnswer(problem, { cause });
  }
}
