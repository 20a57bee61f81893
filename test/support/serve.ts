import { onTestFinished } from "vitest";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import type { ProviderServicesOptions } from "../../src/rpc/provider-implementations.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { formatListenAddress } from "../../src/server/listen/listen-address.js";
import { startProviderServer, type ServerOptions } from "../../src/server/provider-server.js";
import type { ProviderServer } from "../../src/server/start-server.js";
import { createGrpcClient, type GrpcClient } from "./grpc-client.js";
import { createMapProvider } from "./map-provider.js";
import { tempSocketPath } from "./temp-directory.js";

/** Differences from a Map provider that needs no configuration. */
export interface ServeOptions extends Omit<ServerOptions, "routes"> {
  readonly provider?: CacheProvider;
  readonly services?: ProviderServicesOptions;
}

/** A server until the test ends, with a grpc-js client of each service. */
export interface Served {
  readonly server: ProviderServer;
  readonly path: string;
  readonly cache: GrpcClient;
  readonly lifecycle: GrpcClient;
}

/** Serves a provider on a fresh Unix socket until the current test ends. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { provider = createMapProvider(), services, ...serverOptions } = options;
  const path = tempSocketPath();
  const routes = createProviderServices(provider, { requireConfigure: false, ...services });
  const server = await startProviderServer({ ...serverOptions, routes }, { kind: "unix", path });
  const target = formatListenAddress(server.address);
  const cache = createGrpcClient(target, "Cache");
  const lifecycle = createGrpcClient(target, "ProviderLifecycle");
  onTestFinished(async () => {
    cache.close();
    lifecycle.close();
    await server.close();
  });
  return { server, path, cache, lifecycle };
}
