import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { maxRequestBytes, REPLY_ENCODERS, REQUEST_DECODERS } from "./codecs.js";
import type { ServiceRoute } from "./provider-services.js";
import { RpcError, StatusCode } from "./rpc-error.js";
import {
  pathOf,
  type ReplyEncoder,
  type ServedMethods,
  type UnaryCodec,
  type UnaryImplementation,
  type UnaryMethod,
} from "./unary-method.js";
import { withHeadroom } from "./with-headroom.js";

/** Unknown fields are dropped: kept, every two bytes of them would cost an object. */
const READ_OPTIONS = { readUnknownFields: false };

/**
 * Returns the methods of routes. A method that its route does not implement fails with
 * UNIMPLEMENTED.
 */
export function methodsOfRoutes(routes: readonly ServiceRoute[]): ServedMethods {
  return {
    unary: unaryMethodsByPath(routes),
    streaming: streamingPaths(routes),
    loadRoutes: () => Promise.resolve(routes),
  };
}

/** Returns the unary methods of routes, by path. */
function unaryMethodsByPath(routes: readonly ServiceRoute[]): Map<string, UnaryMethod> {
  const methods = new Map<string, UnaryMethod>();
  for (const { service, implementation, copiesValues } of routes) {
    const implementations = implementation as Record<string, UnaryImplementation | undefined>;
    for (const method of service.methods) {
      if (method.methodKind !== "unary") continue;
      const desc = method as DescMethodUnary;
      const path = pathOf(service.typeName, desc.name);
      const implement = implementations[desc.localName]?.bind(implementation);
      methods.set(path, {
        path,
        requestType: desc.input.typeName,
        codec: createUnaryCodec(desc),
        implementation: implement ?? failUnimplemented(path),
        ...(copiesValues && { copiesValues }),
        desc,
      });
    }
  }
  return methods;
}

/** Returns the paths of the streaming methods of routes. */
function streamingPaths(routes: readonly ServiceRoute[]): Set<string> {
  return new Set(
    routes.flatMap(({ service }) =>
      service.methods
        .filter(({ methodKind }) => methodKind !== "unary")
        .map(({ name }) => pathOf(service.typeName, name)),
    ),
  );
}

/**
 * Returns the codec of a method: written by hand for the messages of a provider's two services,
 * from the descriptors for others. The two encode alike. Where protobuf-es 2.13 departs from the
 * specification, the decoders by hand do not: they keep a byte order mark at the beginning of a
 * string and a property `__proto__`, skip unknown fields of a map's entry and known fields of
 * another wire type, merge a value that occurs twice in a map's entry, and refuse varints of more than ten bytes, lengths of more than 32 bits, and
 * messages that end beyond the message that contains them.
 */
export function createUnaryCodec({ input, output }: DescMethodUnary): UnaryCodec {
  const decodeRequest = REQUEST_DECODERS.get(input.typeName);
  return {
    maxRequestBytes: maxRequestBytes(input.typeName),
    decodeRequest: decodeRequest ?? ((bytes) => fromBinary(input, bytes, READ_OPTIONS)),
    encodeReply: REPLY_ENCODERS.get(output.typeName) ?? reflectedEncoder(output),
  };
}

function reflectedEncoder(output: DescMessage): ReplyEncoder {
  return (reply, headroom) => {
    const message = create(output, reply as MessageInitShape<DescMessage>);
    return withHeadroom(toBinary(output, message), headroom);
  };
}

function failUnimplemented(path: string): UnaryImplementation {
  return () => {
    throw new RpcError(StatusCode.unimplemented, `${path} is not implemented`);
  };
}
