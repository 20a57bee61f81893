import type { DescService } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { MaybePromise } from "../contract/maybe-promise.js";
import { HOST_BINDING_HEADER } from "../rpc/host-headers.js";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { RpcError, StatusCode } from "../rpc/rpc-error.js";

/** The implementation of a service: its methods by their names. */
type Implementation = Record<
  string,
  | ((request: object, context: HandlerContext) => MaybePromise<object> | AsyncIterable<object>)
  | undefined
>;

/**
 * Creates one route for several bindings. A call goes to the binding in its header
 * `x-gestalt-host-binding`, as on the shared socket of newer hosts. A call without the header
 * goes to the only binding, and fails with INVALID_ARGUMENT if there are several. An unknown
 * binding fails with NOT_FOUND.
 *
 * @param service - the service to route; each of its methods takes one request message
 * @param bindings - the routes of each binding, by its name, one of which serves `service`
 */
export function createBindingRouter(
  service: DescService,
  bindings: ReadonlyMap<string, readonly ServiceRoute[]>,
): ServiceRoute {
  const implementations = new Map(
    Array.from(bindings, ([name, routes]) => [name, implementationOf(service, routes)] as const),
  );
  const [only] = implementations.size === 1 ? implementations.values() : [];
  const names = [...implementations.keys()].map((name) => JSON.stringify(name)).join(", ");

  const bindingFor = ({ requestHeader }: HandlerContext): Implementation => {
    const name = requestHeader.get(HOST_BINDING_HEADER)?.trim() ?? "";
    const implementation = name === "" ? only : implementations.get(name);
    if (implementation !== undefined) return implementation;
    if (name === "") {
      const problem = `cache binding is required: send ${HOST_BINDING_HEADER}, one of ${names}`;
      throw new RpcError(StatusCode.invalidArgument, problem);
    }
    const problem = `cache binding ${JSON.stringify(name)} is not available, only ${names}`;
    throw new RpcError(StatusCode.notFound, problem);
  };

  const implementation: Implementation = {};
  for (const { localName } of service.methods) {
    implementation[localName] = (request, context) => {
      const method = bindingFor(context)[localName];
      if (method !== undefined) return method(request, context);
      throw new RpcError(StatusCode.unimplemented, `${localName} is not implemented`);
    };
  }
  return { service, implementation: implementation as ServiceRoute["implementation"] };
}

function implementationOf(service: DescService, routes: readonly ServiceRoute[]): Implementation {
  const route = routes.find((candidate) => candidate.service.typeName === service.typeName);
  if (route === undefined) throw new Error(`no route serves ${service.typeName}`);
  return route.implementation;
}
