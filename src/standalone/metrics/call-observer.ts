import type { DescMethod } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { catchMaybe, mapMaybe, type MaybePromise } from "../../contract/maybe-promise.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { StatusCode } from "../../rpc/rpc-error.js";

/** Called when a call has ended. */
export type CallObserver = (method: DescMethod, status: number, startedMs: number) => void;

type Unary = (request: object, context: HandlerContext) => MaybePromise<object>;

/**
 * Returns the routes with an observer, which is called when the implementation of a unary call
 * has settled. Calls that fail before (refused, too large, not decodable) are not observed.
 *
 * @param now - read at the beginning of each call; a constant costs nothing
 */
export function observeCalls(
  routes: readonly ServiceRoute[],
  observe: CallObserver,
  now: () => number,
): ServiceRoute[] {
  return routes.map(({ service, implementation }) => {
    const methods = { ...implementation } as Record<string, Unary | undefined>;
    for (const method of service.methods) {
      const implement = methods[method.localName];
      if (implement === undefined || method.methodKind !== "unary") continue;
      methods[method.localName] = observed(method, implement.bind(implementation), observe, now);
    }
    return { service, implementation: methods as ServiceRoute["implementation"] };
  });
}

function observed(
  method: DescMethod,
  implement: Unary,
  observe: CallObserver,
  now: () => number,
): Unary {
  return (request, context) => {
    const startedMs = now();
    const fail = (error: unknown): never => {
      observe(method, statusOf(error), startedMs);
      throw error;
    };
    const succeed = (reply: object): object => {
      observe(method, StatusCode.ok, startedMs);
      return reply;
    };
    return catchMaybe(() => mapMaybe(implement(request, context), succeed), fail);
  };
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "number" ? code : StatusCode.internal;
}
