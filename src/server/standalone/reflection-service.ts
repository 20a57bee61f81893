import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
} from "../../rpc/gen/grpc/reflection/v1/reflection_pb.js";
import { routeOf, type ServiceRoute } from "../../rpc/provider-services.js";
import { StatusCode } from "../../rpc/rpc-error.js";
import { abortOfAny } from "./abort-of-any.js";
import { DescriptorIndex } from "./descriptor-index.js";

const DONE = { done: true, value: undefined } as const;

type Response = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]
>;

/**
 * gRPC's reflection service: by it, clients without our .proto files learn what is
 * served and how to call it.
 *
 * @param services - what to tell of, besides the reflection service itself
 * @param stopping - aborted when the server begins to stop, which ends all calls
 */
export function createReflectionRoute(
  services: readonly DescService[],
  stopping: AbortSignal,
): ServiceRoute {
  const served = [...services, ServerReflection];
  let index: DescriptorIndex | undefined;
  return routeOf(ServerReflection, {
    async *serverReflectionInfo(requests, { signal }) {
      index ??= new DescriptorIndex(served.map(({ file }) => file));
      const stopped = abortOfAny([signal, stopping]).then(() => DONE);
      const iterator = requests[Symbol.asyncIterator]();
      for (;;) {
        const next = await Promise.race([iterator.next(), stopped]);
        if (next.done === true) return;
        const request = next.value;
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: responseTo(request, index, served),
        };
      }
    },
  });
}

function responseTo(
  { messageRequest: asked }: ServerReflectionRequest,
  index: DescriptorIndex,
  services: readonly DescService[],
): Response {
  switch (asked.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map(({ typeName }) => ({ name: typeName })) },
      };
    case "fileByFilename":
      return files(index.fileNamed(asked.value), asked.value);
    case "fileContainingSymbol":
      return files(index.fileContaining(asked.value), asked.value);
    case "fileContainingExtension":
      return notFound(`extension ${asked.value.extensionNumber} of ${asked.value.containingType}`);
    case "allExtensionNumbersOfType":
      if (!index.isMessage(asked.value)) return notFound(asked.value);
      return {
        case: "allExtensionNumbersResponse",
        // None of our messages has extensions.
        value: { baseTypeName: asked.value, extensionNumber: [] },
      };
    case undefined:
      return error(StatusCode.invalidArgument, "the request asks for nothing");
  }
}

function files(fileDescriptorProto: Uint8Array[] | undefined, name: string): Response {
  if (fileDescriptorProto === undefined) return notFound(name);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(what: string): Response {
  return error(StatusCode.notFound, `not found: ${what.slice(0, 200)}`);
}

function error(errorCode: number, errorMessage: string): Response {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
