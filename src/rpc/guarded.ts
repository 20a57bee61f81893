import { catchMaybe, type MaybePromise } from "../contract/maybe-promise.js";
import { rpcErrorFrom, type ReportError } from "./rpc-error.js";

/**
 * Returns a handler that fails only with errors that its caller may see, see
 * {@link rpcErrorFrom}. It is synchronous where `handle` is: a promise costs more than a reply.
 */
export function guarded<Request, Reply>(
  handle: (request: Request) => MaybePromise<Reply>,
  report: ReportError,
): (request: Request) => MaybePromise<Reply> {
  const fail = (thrown: unknown): never => {
    throw rpcErrorFrom(thrown, report);
  };
  return (request) => catchMaybe(() => handle(request), fail);
}
