import { onTestFinished } from "vitest";
import type { CacheProvider } from "../../src/contract/cache-provider.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { methodsOfRoutes } from "../../src/rpc/route-methods.js";
import type { ConnectionRegistry } from "../../src/server/limits/connection-registry.js";
import { createHttp2Endpoint } from "../../src/server/http2-endpoint.js";
import type { ServerLimits } from "../../src/server/limits/server-limits.js";
import { createServerContext, type ServerContext } from "../../src/server/limits/server-context.js";
import { createGrpcClient, type GrpcClient } from "./grpc-client.js";
import { createMapProvider } from "./map-provider.js";
import { tempSocketPath } from "./temp-directory.js";

/** A server whose counters a test can read. */
export interface ServedEndpoint {
  readonly path: string;
  readonly context: ServerContext;
  readonly connections: ConnectionRegistry;
  /** Creates a grpc-js client with its own connection. */
  readonly openCache: () => GrpcClient;
}

/** Differences from a Map provider behind the dispatcher for unary gRPC. */
export interface ServeEndpointOptions {
  readonly provider?: CacheProvider;
  readonly limits?: Partial<ServerLimits>;
  readonly dispatcher?: "unary-grpc" | "connect";
}

/** Serves a provider on a fresh Unix socket until the current test ends. */
export async function serveEndpoint(options: ServeEndpointOptions = {}): Promise<ServedEndpoint> {
  const { provider = createMapProvider(), limits = {}, dispatcher = "unary-grpc" } = options;
  const context = createServerContext({ limits });
  const methods = methodsOfRoutes(createProviderServices(provider, { requireConfigure: false }));
  const { connections } = context;
  const { server } = createHttp2Endpoint(methods, context, { dispatcher });
  const path = tempSocketPath();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    connections.destroyAll();
    server.close();
  });
  return {
    path,
    context,
    connections,
    openCache: () => {
      const client = createGrpcClient(`unix://${path}`, "Cache");
      onTestFinished(() => client.close());
      return client;
    },
  };
}
