import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { MaybePromise } from "../../contract/maybe-promise.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { createUnaryCodec, type UnaryCodec } from "../../rpc/unary-codec.js";

/** The implementation of a unary method. */
type UnaryImplementation = (request: object, context: HandlerContext) => MaybePromise<object>;

/** How much of an unknown path an error message repeats, in characters. */
export const MAX_SHOWN_PATH = 200;

/** A unary method, ready to be called. */
export interface UnaryMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly desc: DescMethodUnary;
  readonly codec: UnaryCodec;
  readonly implementation: UnaryImplementation;
}

/**
 * Returns the unary methods of the routes, by path. A method that its route does not implement
 * fails with UNIMPLEMENTED.
 */
export function unaryMethodsByPath(routes: readonly ServiceRoute[]): Map<string, UnaryMethod> {
  const methods = new Map<string, UnaryMethod>();
  for (const { service, implementation } of routes) {
    const implementations = implementation as Record<string, UnaryImplementation | undefined>;
    for (const method of service.methods) {
      if (method.methodKind !== "unary") continue;
      const desc = method as DescMethodUnary;
      const path = pathOf(service.typeName, desc.name);
      const implement = implementations[desc.localName]?.bind(implementation);
      methods.set(path, {
        path,
        desc,
        codec: createUnaryCodec(desc),
        implementation: implement ?? failUnimplemented(path),
      });
    }
  }
  return methods;
}

/**
 * Decodes a request of a method.
 *
 * @throws RpcError INVALID_ARGUMENT for bytes that are not such a message
 */
export function decodeRequest({ codec, desc }: UnaryMethod, message: Buffer): object {
  try {
    return codec.decodeRequest(message);
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    const text = `request is not a ${desc.input.typeName}: ${detail}`;
    throw new RpcError(StatusCode.invalidArgument, text, error);
  }
}

/** Returns the paths of the routes' streaming methods, which only Connect serves. */
export function streamingPaths(routes: readonly ServiceRoute[]): Set<string> {
  return new Set(
    routes.flatMap(({ service }) =>
      service.methods
        .filter(({ methodKind }) => methodKind !== "unary")
        .map(({ name }) => pathOf(service.typeName, name)),
    ),
  );
}

function pathOf(typeName: string, methodName: string): string {
  return `/${typeName}/${methodName}`;
}

function failUnimplemented(path: string): UnaryImplementation {
  return () => {
    throw new RpcError(StatusCode.unimplemented, `${path} is not implemented`);
  };
}
