import { join } from "node:path";
import { CacheError } from "../contract/cache-error.js";
import { assertMemoryHolds } from "../memory/config/memory-bound.js";
import { parseMemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import type { SharedCacheStatistics } from "../redis/shared-statistics.js";
import { Cache } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Control } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { StatisticsService } from "../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { createBindingRouter } from "./binding-router.js";
import { createCacheRoutes } from "./cache-routes.js";
import type { ClockMode } from "./control/adjustable-clock.js";
import type { RecordedCall } from "./control/call-record.js";
import {
  createCacheControls,
  type BindingControls,
  type CacheControls,
} from "./control/cache-controls.js";
import { createControlRoute } from "./control/control-service.js";
import type { ControlledCache, SeedEntry } from "./control/controlled-cache.js";
import { createControlledCache } from "./control/create-controlled-cache.js";
import type { FaultRule } from "./control/fault-rule.js";
import { createLog } from "./log.js";
import { CallCounts } from "./metrics/call-counts.js";
import { startStandaloneServer } from "./standalone-server.js";
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
  /**
   * The initial mode of the clock of the caches: `real` runs with real time (the default),
   * `manual` is frozen until it is advanced. Freeze, resume and advance work in both modes.
   */
  readonly clock?: ClockMode;
  /** Entries to begin with, in every cache, the least recently used first. */
  readonly seed?: readonly SeedEntry[];
  /** Fault rules that are in force from the beginning, in every cache. */
  readonly faults?: readonly FaultRule[];
  /** Called with each call when it has ended; `calls()` returns the last ones. */
  readonly onCall?: (call: RecordedCall & { readonly binding: string }) => void;
  /**
   * Serves a page that shows and changes the caches, on a free loopback port, and is called with
   * each link to it. A link works once; the next one follows when it has been used.
   */
  readonly onPageLink?: (url: string) => void;
  /** Called with errors that cannot be sent to a client; default: prints them to stderr. */
  readonly report?: (error: unknown, where: string) => void;
  /** Called with the directory that must be removed if this process is killed. */
  readonly onDirectory?: (directory: string) => void;
}

/**
 * Caches that exist until they are closed, or until the process ends. Its clock, faults, entries
 * and calls are those of all bindings together; `binding` returns those of one.
 */
export interface EphemeralCache extends CacheControls, AsyncDisposable {
  /** The variables with which a plugin finds the caches. Add them to its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns the statistics of each cache, by its binding. */
  statistics(): ReadonlyMap<string, SharedCacheStatistics>;
  /**
   * Returns the controls and statistics of one binding.
   *
   * @throws CacheError `invalid_argument` when there is no such binding
   */
  binding(name: string): BindingControls;
  /** Closes the servers and removes their sockets. A second call returns the same promise. */
  close(): Promise<void>;
}

/**
 * Starts an empty cache for each binding of a plugin, in this process, on Unix sockets that only
 * this user can reach. In a test suite, start it before the tests, pass `env` to the code under
 * test, and close it afterwards. The same sockets serve `gestalt_cache_memory.v1.Control`, with
 * which other processes use the controls.
 *
 * @throws CacheError `invalid_argument` for a wrong binding name, configuration, seed or fault
 *   rule, `resource_exhausted` for an entry of the seed that is too large, `failed_precondition`
 *   when a server of `shared` cannot be reached; ListenError when it cannot listen on a socket
 */
export async function startEphemeralCache(
  options: EphemeralCacheOptions = {},
): Promise<EphemeralCache> {
  const names = parseBindingNames(options.bindings ?? [DEFAULT_BINDING]);
  const config = parseMemoryCacheConfig(options.config ?? {});
  assertMemoryHolds(config, names.length);
  const { prefix, clock, faults, seed = [], onCall, report } = options;
  const caches = new Map<string, ControlledCache>();
  const routes = new Map<string, readonly ServiceRoute[]>();
  const closeCaches = async (): Promise<void> => {
    await Promise.all(Array.from(caches.values(), (cache) => cache.close()));
  };
  try {
    for (const binding of names) {
      const hasOthers = names.length > 1;
      const settings = { config, prefix, clock, faults, keepCalls: true };
      const cache = await createControlledCache({ ...settings, binding, hasOthers });
      caches.set(binding, cache);
      await cache.load(seed);
      const explain = (error: unknown): void => (report ?? reportToStderr)(error, "internal error");
      if (onCall !== undefined) {
        cache.calls.watch((call) => {
          // The call has ended; the listener's error is not the client's.
          try {
            onCall({ binding, ...call });
          } catch (error) {
            explain(error);
          }
        });
      }
      routes.set(binding, [
        ...createCacheRoutes(cache, explain),
        createControlRoute(cache, explain),
      ]);
    }
  } catch (error) {
    await closeCaches();
    throw error;
  }

  // The directories of killed processes. This process neither waits for it nor fails with it.
  void sweepSocketDirectories();
  const directory = await createSocketDirectory();
  options.onDirectory?.(directory);
  // Numbers, since a binding's name may be too long for a socket's path.
  const own = new Map(names.map((name, index) => [name, join(directory, `${index}.sock`)]));
  const shared = join(directory, "shared.sock");
  const starting = startStandaloneServer({
    endpoints: [
      {
        routes: [Cache, StatisticsService, Control].map((service) =>
          createBindingRouter(service, routes),
        ),
        addresses: [{ kind: "unix", path: shared }],
      },
      ...names.map((name) => ({
        routes: routes.get(name) ?? [],
        addresses: [{ kind: "unix" as const, path: own.get(name) ?? "" }],
      })),
    ],
    caches: Array.from(caches, ([binding, cache]) => ({
      binding,
      statistics: () => cache.statistics(),
      calls: new CallCounts(),
    })),
    version: VERSION,
    log: createLog({ level: "error", format: "text", output: () => {} }),
    report: report ?? reportToStderr,
  });
  const { onPageLink } = options;
  const startingPage =
    onPageLink === undefined
      ? undefined
      : // Loaded for this alone.
        import("./ui/page-server.js").then(({ startPageServer }) =>
          startPageServer({ bindings: routes, version: VERSION, onLink: onPageLink }),
        );
  const close = async (): Promise<void> => {
    const closed = closeCaches();
    const server = await starting.catch(() => undefined);
    const page = await startingPage?.catch(() => undefined);
    await Promise.all([server?.close(), page?.close()]);
    await closed;
    await removeSocketDirectory(directory);
  };
  try {
    await Promise.all([starting, startingPage]);
  } catch (error) {
    await close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());
  return {
    ...createCacheControls(caches),
    env: bindingVariables({ own, shared }),
    statistics: () => new Map(Array.from(caches, ([name, cache]) => [name, cache.statistics()])),
    binding(name) {
      const cache = caches.get(name);
      if (cache !== undefined) {
        const controls = createCacheControls(new Map([[name, cache]]));
        return { ...controls, statistics: () => cache.statistics() };
      }
      const known = names.map((each) => JSON.stringify(each)).join(", ");
      const problem = `there is no binding ${JSON.stringify(name)}, only ${known}`;
      throw new CacheError("invalid_argument", problem);
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
