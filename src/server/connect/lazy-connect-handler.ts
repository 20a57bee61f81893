import type { ServedMethods } from "../../rpc/unary-method.js";
import type { ServerContext } from "../limits/server-context.js";
import type { ConnectHandler } from "./connect-handler.js";

/**
 * Creates a handler that loads Connect when the first request arrives. To load Connect takes
 * longer than to load everything else, and the host never needs it.
 */
export function createLazyConnectHandler(
  methods: ServedMethods,
  context: ServerContext,
): ConnectHandler {
  let loaded: ConnectHandler | undefined;
  let loading: Promise<ConnectHandler> | undefined;
  return (exchange, connection) => {
    if (loaded !== undefined) {
      loaded(exchange, connection);
      return;
    }
    loading ??= import("./connect-handler.js").then(({ createConnectHandler }) =>
      createConnectHandler(methods, context),
    );
    loading.then(
      (handler) => {
        loaded = handler;
        if (!exchange.isClosed) handler(exchange, connection);
      },
      (error: unknown) => {
        context.report(error, "loading Connect");
        exchange.reset(true);
      },
    );
  };
}
