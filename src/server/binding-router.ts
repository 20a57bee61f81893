import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Cache } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { HOST_BINDING_HEADER } from "../rpc/host-headers.js";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { RpcError, StatusCode } from "../rpc/rpc-error.js";

type CacheImplementation = ServiceImpl<typeof Cache>;

/**
 * One Cache service in front of several: a call goes to the binding that its
 * `x-gestalt-host-binding` header names, as on the shared socket of newer hosts.
 * A call without the header goes to the only binding; with several it is
 * INVALID_ARGUMENT, and a binding that is not there is NOT_FOUND.
 *
 * @param bindings - the routes of each binding, by its name; the Cache ones are used
 */
export function createBindingRouter(
  bindings: ReadonlyMap<string, readonly ServiceRoute[]>,
): ServiceRoute<typeof Cache> {
  const caches = new Map(
    Array.from(bindings, ([name, routes]) => [name.trim(), cacheImplementationOf(routes)] as const),
  );
  const [only] = caches.size === 1 ? caches.values() : [];
  const names = [...caches.keys()].map((name) => JSON.stringify(name)).join(", ");

  const cacheFor = ({ requestHeader }: HandlerContext): CacheImplementation => {
    const binding = requestHeader.get(HOST_BINDING_HEADER)?.trim() ?? "";
    const cache = binding === "" ? only : caches.get(binding);
    if (cache !== undefined) return cache;
    if (binding === "") {
      const problem = `cache binding is required: send ${HOST_BINDING_HEADER}, one of ${names}`;
      throw new RpcError(StatusCode.invalidArgument, problem);
    }
    const problem = `cache binding ${JSON.stringify(binding)} is not available, only ${names}`;
    throw new RpcError(StatusCode.notFound, problem);
  };

  return {
    service: Cache,
    implementation: {
      get: (request, context) => cacheFor(context).get(request, context),
      getMany: (request, context) => cacheFor(context).getMany(request, context),
      set: (request, context) => cacheFor(context).set(request, context),
      setMany: (request, context) => cacheFor(context).setMany(request, context),
      delete: (request, context) => cacheFor(context).delete(request, context),
      deleteMany: (request, context) => cacheFor(context).deleteMany(request, context),
      touch: (request, context) => cacheFor(context).touch(request, context),
    },
  };
}

function cacheImplementationOf(routes: readonly ServiceRoute[]): CacheImplementation {
  const route = routes.find(({ service }) => service.typeName === Cache.typeName);
  if (route === undefined) throw new Error(`no route serves ${Cache.typeName}`);
  // The descriptor's name says which implementation it is; the list's type cannot.
  return route.implementation as unknown as CacheImplementation;
}
