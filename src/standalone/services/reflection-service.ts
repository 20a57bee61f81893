import type { DescService } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "../../rpc/gen/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as ServerReflectionV1alpha,
  type ServerReflectionRequest as ServerReflectionRequestV1alpha,
} from "../../rpc/gen/grpc/reflection/v1alpha/reflection_pb.js";
import { routeOf, type ServiceRoute } from "../../rpc/provider-services.js";
import { StatusCode } from "../../rpc/rpc-error.js";
import { abortOfAny } from "./abort-of-any.js";
import { DescriptorIndex } from "./descriptor-index.js";

const DONE = { done: true, value: undefined } as const;

/** A response, in the shape that both versions share. */
type Response =
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | {
      case: "allExtensionNumbersResponse";
      value: { baseTypeName: string; extensionNumber: number[] };
    }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } };

/** A request of either version. They differ only in the name of their package. */
type AnyRequest = ServerReflectionRequest | ServerReflectionRequestV1alpha;

/**
 * Creates gRPC's reflection service, which describes the services to clients without their
 * .proto files. It has both versions, since tools from before 2023 use `v1alpha` only; each
 * version lists and describes both.
 *
 * @param services - the services to describe besides the reflection service itself
 * @param stopping - aborted when the server begins to stop, which ends all calls
 */
export function createReflectionRoutes(
  services: readonly DescService[],
  stopping: AbortSignal,
): ServiceRoute[] {
  const served = [...services, ServerReflection, ServerReflectionV1alpha];
  let index: DescriptorIndex | undefined;

  async function* serverReflectionInfo<Request extends AnyRequest>(
    requests: AsyncIterable<Request>,
    { signal }: HandlerContext,
  ): AsyncGenerator<{ validHost: string; originalRequest: Request; messageResponse: Response }> {
    index ??= new DescriptorIndex(served.map(({ file }) => file));
    const stopped = abortOfAny([signal, stopping]).then(() => DONE);
    const iterator = requests[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done === true) return;
      const request: Request = next.value;
      yield {
        validHost: request.host,
        originalRequest: request,
        messageResponse: responseTo(request, index, served),
      };
    }
  }

  return [
    routeOf(ServerReflection, { serverReflectionInfo }),
    routeOf(ServerReflectionV1alpha, { serverReflectionInfo }),
  ];
}

function responseTo(
  { messageRequest: asked }: AnyRequest,
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
      return error(StatusCode.invalidArgument, "the request has no query");
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
