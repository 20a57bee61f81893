import type { ServiceRoute } from "../rpc/provider-services.js";
import { methodsOfRoutes } from "../rpc/route-methods.js";
import type { PlainListenAddress } from "./listen/listen-address.js";
import { startServer, type ProviderServer, type StartOptions } from "./start-server.js";

/** Options of {@link startProviderServer}. */
export interface ServerOptions extends StartOptions {
  readonly routes: readonly ServiceRoute[];
}

/**
 * Starts a server of the routes. Settles when it accepts connections.
 *
 * @throws CacheError `invalid_argument` for wrong limits; ListenError when it cannot listen at
 *   the address
 */
export function startProviderServer(
  { routes, ...options }: ServerOptions,
  address: PlainListenAddress,
): Promise<ProviderServer> {
  return startServer(methodsOfRoutes(routes), options, address);
}
