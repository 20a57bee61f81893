import { performance } from "node:perf_hooks";
import type { TieredCacheProvider } from "../../redis/tiered-cache-provider.js";
import { Cache } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { StatisticsService } from "../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import { createProviderServices, type ServiceRoute } from "../../rpc/provider-services.js";
import { createStatisticsRoute } from "../../standalone/services/statistics-service.js";
import { createBindingRouter } from "../../standalone/binding-router.js";
import { errorLine } from "../../server/error-line.js";
import { CallCounts, statusName } from "../../standalone/metrics/call-counts.js";
import { observeCalls, type CallObserver } from "../../standalone/metrics/call-observer.js";
import type { Log } from "../../standalone/log.js";
import type { MeasuredCache } from "../../standalone/metrics/metrics-page.js";
import type { StandaloneEndpoint } from "../../standalone/standalone-server.js";
import type { ServePlan } from "./serve-plan.js";

/** A cache of a server, with its services and counters. */
export interface ServedCache extends MeasuredCache {
  readonly provider: TieredCacheProvider;
  readonly routes: readonly ServiceRoute[];
}

/** Creates a cache for a binding. Its calls are counted, and logged at the level `debug`. */
export function createServedCache(
  binding: string,
  provider: TieredCacheProvider,
  log: Log,
): ServedCache {
  const calls = new CallCounts();
  const services = createProviderServices(provider, {
    requireConfigure: false,
    report: (error) => log.write("error", errorLine(error, "internal error")),
  });
  const routes = [
    // No lifecycle service: clients must not configure this cache.
    ...services.filter(({ service }) => service.typeName === Cache.typeName),
    createStatisticsRoute(() => provider.statistics()),
  ];
  return {
    binding,
    provider,
    calls,
    statistics: () => provider.statistics(),
    routes: log.keeps("debug")
      ? observeCalls(routes, callLogger(binding, calls, log), () => performance.now())
      : observeCalls(routes, (method, status) => calls.add(method, status), noTime),
  };
}

/**
 * The endpoints of a plan: first the one that serves all bindings, then one for each binding, which
 * has no address if the binding has none.
 */
export function endpointsFrom(
  plan: ServePlan,
  caches: readonly ServedCache[],
): StandaloneEndpoint[] {
  const routes = new Map(caches.map((cache) => [cache.binding, cache.routes]));
  const isAnonymous = routes.has("");
  const shared = isAnonymous
    ? (routes.get("") ?? [])
    : [Cache, StatisticsService].map((service) => createBindingRouter(service, routes));
  return [
    { routes: shared, addresses: plan.shared },
    ...plan.bindings.map(({ name, address }) => ({
      routes: routes.get(name) ?? [],
      addresses: address === undefined ? [] : [address],
    })),
  ];
}

/** Logs method, status and duration of calls, but no keys or values. */
function callLogger(binding: string, calls: CallCounts, log: Log): CallObserver {
  return (method, status, startedMs) => {
    calls.add(method, status);
    log.write("debug", "call", {
      ...(binding === "" ? {} : { binding }),
      method: method.name,
      status: statusName(status),
      ms: Number((performance.now() - startedMs).toFixed(3)),
    });
  };
}

function noTime(): number {
  return 0;
}
