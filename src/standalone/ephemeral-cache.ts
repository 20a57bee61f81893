import { join } from "node:path";
import { createPrefixedProvider } from "../contract/prefixed-provider.js";
import { assertMemoryHolds } from "../memory/config/memory-bound.js";
import { parseMemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import { createBindingCache } from "../redis/binding-cache.js";
import type { SharedCacheStatistics } from "../redis/shared-statistics.js";
import type { TieredCacheProvider } from "../redis/tiered-cache-provider.js";
import { Cache } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { StatisticsService } from "../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import { createProviderServices, type ServiceRoute } from "../rpc/provider-services.js";
import { createStatisticsRoute } from "./services/statistics-service.js";
import { createBindingRouter } from "./binding-router.js";
import { startProviderServer, type ProviderServer } from "../server/provider-server.js";
import { VERSION } from "../version.js";
import { bindingVariables, parseBindingNames } from "../client/binding-variables.js";
import {
  createSocketDirectory,
  removeSocketDirectory,
  sweepSocketDirectories,
} from "../server/listen/socket-directory.js";

/** The default binding of a plugin. */
export const DEFAULT_BINDING = "cache";

/** Options of {@link startEphemeralCache}. */
export interface EphemeralCacheOptions {
  /** The plugin's bindings, each with its own cache; default: `cache`. */
  readonly bindings?: readonly string[];
  /** The configuration of each cache, see cache_config.json. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** A prefix of the keys inside the caches, `<prefix>:`, as the host adds one for a plugin. */
  readonly prefix?: string;
  /** Receives errors that no client can be told; default: prints them to stderr. */
  readonly report?: (error: unknown, where: string) => void;
  /** Called with the directory that must be removed if this process is killed. */
  readonly onDirectory?: (directory: string) => void;
}

/** Caches that exist until they are closed, or until the process ends. */
export interface EphemeralCache extends AsyncDisposable {
  /** The variables with which a plugin finds the caches. Add them to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns the statistics of each cache, by its binding. */
  statistics(): ReadonlyMap<string, SharedCacheStatistics>;
  /** Closes the servers and removes their sockets. A second call returns the same promise. */
  close(): Promise<void>;
}

/**
 * Starts an empty cache for each binding of a plugin, in this process, on Unix sockets that only
 * this user can reach. In a test suite, start it before the tests, pass `env` to the code under
 * test, and close it afterwards.
 *
 * @throws CacheError `invalid_argument` for a wrong binding name or configuration,
 *   `failed_precondition` when a server of `shared` cannot be reached;
 *   ListenError when it cannot listen on a socket
 */
export async function startEphemeralCache(
  options: EphemeralCacheOptions = {},
): Promise<EphemeralCache> {
  const names = parseBindingNames(options.bindings ?? [DEFAULT_BINDING]);
  const config = parseMemoryCacheConfig(options.config ?? {});
  assertMemoryHolds(config, names.length);
  const { report } = options;
  const providers = new Map<string, TieredCacheProvider>();
  const routes = new Map<string, readonly ServiceRoute[]>();
  for (const name of names) {
    const hasOthers = names.length > 1;
    const provider = await createBindingCache({
      config,
      binding: name,
      hasOthers,
      version: VERSION,
    }).catch(async (error: unknown) => {
      for (const other of providers.values()) await other.closeProvider();
      throw error;
    });
    const served =
      options.prefix === undefined ? provider : createPrefixedProvider(provider, options.prefix);
    providers.set(name, provider);
    const services = createProviderServices(served, {
      requireConfigure: false,
      ...(report === undefined ? {} : { report: (error) => report(error, "internal error") }),
    });
    routes.set(name, [
      // No lifecycle: these caches are configured here, not by their clients.
      ...services.filter(({ service }) => service.typeName === Cache.typeName),
      createStatisticsRoute(() => provider.statistics()),
    ]);
  }

  // The directories of killed processes. This process neither waits for it nor fails with it.
  void sweepSocketDirectories();
  const directory = await createSocketDirectory();
  options.onDirectory?.(directory);
  const servers: ProviderServer[] = [];
  const serve = async (path: string, served: readonly ServiceRoute[]): Promise<string> => {
    const serverOptions = { routes: served, ...(report === undefined ? {} : { report }) };
    servers.push(await startProviderServer(serverOptions, { kind: "unix", path }));
    return path;
  };
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    for (const provider of providers.values()) await provider.closeProvider();
    await removeSocketDirectory(directory);
  };

  try {
    const own = new Map<string, string>();
    for (const [name, served] of routes) {
      // Sockets have numbers: the name of a binding may be too long for a socket's path.
      own.set(name, await serve(join(directory, `${own.size}.sock`), served));
    }
    const shared = await serve(
      join(directory, "shared.sock"),
      [Cache, StatisticsService].map((service) => createBindingRouter(service, routes)),
    );
    let closing: Promise<void> | undefined;
    const closeOnce = (): Promise<void> => (closing ??= close());
    return {
      env: bindingVariables({ own, shared }),
      statistics: () =>
        new Map(Array.from(providers, ([name, provider]) => [name, provider.statistics()])),
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
