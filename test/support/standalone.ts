import { onTestFinished } from "vitest";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices, type ServiceRoute } from "../../src/rpc/provider-services.js";
import type { ListenAddress } from "../../src/server/listen/listen-address.js";
import { createLog } from "../../src/standalone/log.js";
import {
  startStandaloneServer,
  type StandaloneOptions,
  type StandaloneServer,
} from "../../src/standalone/standalone-server.js";
import { createMapProvider } from "./map-provider.js";
import { tempSocketPath } from "./temp-directory.js";

/** Differences from one Map provider on a fresh Unix socket. */
export interface StandaloneStart extends Partial<Omit<StandaloneOptions, "endpoints" | "log">> {
  readonly routes?: readonly ServiceRoute[];
  readonly address?: ListenAddress;
}

/** A standalone server until the test ends. */
export interface ServedStandalone {
  readonly server: StandaloneServer;
  /** The path of its Unix socket, or its port on 127.0.0.1. */
  readonly place: { readonly socketPath: string } | { readonly port: number };
  /** The target as grpc-js expects it. */
  readonly target: string;
  /** Its log entries. */
  readonly logged: () => string;
}

/** The Cache service of a Map provider. */
function mapCacheRoutes(): readonly ServiceRoute[] {
  return createProviderServices(createMapProvider(), { requireConfigure: false }).filter(
    ({ service }) => service.typeName === Cache.typeName,
  );
}

/** Serves until the current test ends. */
export async function serveStandalone(start: StandaloneStart = {}): Promise<ServedStandalone> {
  const { routes = mapCacheRoutes(), address, ...options } = start;
  let logged = "";
  const server = await startStandaloneServer({
    endpoints: [{ routes, addresses: [address ?? { kind: "unix", path: tempSocketPath() }] }],
    caches: [],
    version: "1.2.3",
    log: createLog({ level: "debug", format: "text", output: (line) => (logged += line) }),
    ...options,
  });
  onTestFinished(() => server.close());
  const bound = server.addresses[0]?.[0];
  if (bound === undefined) throw new Error("it listens nowhere");
  return {
    server,
    place: bound.kind === "unix" ? { socketPath: bound.path } : { port: bound.port },
    target: bound.kind === "unix" ? `unix://${bound.path}` : `127.0.0.1:${bound.port}`,
    logged: () => logged,
  };
}
