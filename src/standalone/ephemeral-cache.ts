import { join } from "node:path";
import { createPrefixedProvider } from "../contract/prefixed-provider.js";
import { assertMemoryHolds } from "../memory/config/memory-bound.js";
import { parseMemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import {
  createMemoryCacheProvider,
  type MemoryCacheProvider,
} from "../memory/memory-cache-provider.js";
import type { CacheStatistics } from "../memory/statistics.js";
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

/** The binding of a plugin that was not told another name. */
export const DEFAULT_BINDING = "cache";

/** What {@link startEphemeralCache} starts. */
export interface EphemeralCacheOptions {
  /** The plugin's bindings, each with a cache of its own; by default one, `cache`. */
  readonly bindings?: readonly string[];
  /** The configuration of each cache, as cache_config.json describes it. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Keys begin with `<prefix>:` inside the caches, as the host writes them for a plugin. */
  readonly prefix?: string;
  /** Takes errors that no client can be told; by default they go to stderr. */
  readonly report?: (error: unknown, where: string) => void;
  /** Called as soon as there is a directory to remove, should this process be killed. */
  readonly onDirectory?: (directory: string) => void;
}

/** Caches that last as long as this process, or until they are closed. */
export interface EphemeralCache extends AsyncDisposable {
  /** The variables by which a plugin finds the caches; add them to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What each binding's cache holds and did, by the binding's name. */
  statistics(): ReadonlyMap<string, CacheStatistics>;
  /** Ends the servers and removes their sockets. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts one fresh cache for each binding of a plugin, in this process, each on a
 * Unix socket that only this user can reach. For test suites: start it before
 * the tests, give `env` to the code under test, close it afterwards.
 *
 * @throws CacheError `invalid_argument` for a wrong binding name or configuration;
 *   ListenError when a socket cannot be had
 */
export async function startEphemeralCache(
  options: EphemeralCacheOptions = {},
): Promise<EphemeralCache> {
  const names = parseBindingNames(options.bindings ?? [DEFAULT_BINDING]);
  const config = parseMemoryCacheConfig(options.config ?? {});
  assertMemoryHolds(config, names.length);
  const { report } = options;
  const providers = new Map<string, MemoryCacheProvider>();
  const routes = new Map<string, readonly ServiceRoute[]>();
  for (const name of names) {
    const provider = createMemoryCacheProvider({ config, version: VERSION });
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

  // What an earlier process left behind is nobody's business here: no waiting, no failing.
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
      // Numbers, since a binding's name may be too long for a socket's path.
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
