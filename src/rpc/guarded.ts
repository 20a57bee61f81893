import { isPromise, type MaybePromise } from "../contract/maybe-promise.js";
import { rpcErrorFrom, type ReportError } from "./rpc-error.js";

/**
 * A handler whose errors are fit for a caller. Made once a method. Stays
 * synchronous where the handler is, since a promise costs more than the answer.
 */
export function guarded<Request, Response>(
  handle: (request: Request) => MaybePromise<Response>,
  report: ReportError,
): (request: Request) => MaybePromise<Response> {
  const refuse = (thrown: unknown): never => {
    throw rpcErrorFrom(thrown, report);
  };
  return (request) => {
    try {
      const response = handle(request);
      return isPromise(response) ? response.catch(refuse) : response;
    } catch (thrown) {
      return refuse(thrown);
    }
  };
}
