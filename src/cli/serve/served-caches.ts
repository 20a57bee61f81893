import { performance } from "node:perf_hooks";
import { Cache } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Control } from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { StatisticsService } from "../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { createBindingRouter } from "../../standalone/binding-router.js";
import { createCacheRoutes } from "../../standalone/cache-routes.js";
import {
  ControlledCache,
  type ControlledCacheOptions,
} from "../../standalone/control/controlled-cache.js";
import { createControlRoute } from "../../standalone/control/control-service.js";
import { errorLine } from "../../server/error-line.js";
import { CallCounts, statusName } from "../../standalone/metrics/call-counts.js";
import { observeCalls, type CallObserver } from "../../standalone/metrics/call-observer.js";
import type { Log } from "../../standalone/log.js";
import type { MeasuredCache } from "../../standalone/metrics/metrics-page.js";
import type { StandaloneEndpoint } from "../../standalone/standalone-server.js";
import type { ServePlan } from "./serve-plan.js";

/** A cache of a server, with its services and counters. */
export interface ServedCache extends MeasuredCache {
  readonly cache: ControlledCache;
  readonly routes: readonly ServiceRoute[];
  readonly control: ServiceRoute;
}

/** Creates a cache for a binding. Its calls are counted, and logged at the level `debug`. */
export function createServedCache(
  binding: string,
  options: ControlledCacheOptions,
  log: Log,
): ServedCache {
  const cache = new ControlledCache(options);
  const calls = new CallCounts();
  const report = (error: unknown): void => log.write("error", errorLine(error, "internal error"));
  const routes = createCacheRoutes(cache, report);
  return {
    binding,
    cache,
    calls,
    statistics: () => cache.statistics(),
    routes: log.keeps("debug")
      ? observeCalls(routes, callLogger(binding, calls, log), () => performance.now())
      : observeCalls(routes, (method, status) => calls.add(method, status), noTime),
    control: createControlRoute(cache, report),
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
  const byBinding = new Map(caches.map((cache) => [cache.binding, cache]));
  const anonymous = byBinding.get("");
  const routes = new Map(caches.map((cache) => [cache.binding, [...cache.routes, cache.control]]));
  const shared = anonymous ?? {
    routes: [Cache, StatisticsService].map((service) => createBindingRouter(service, routes)),
    control: createBindingRouter(Control, routes),
  };
  return [
    { routes: shared.routes, control: shared.control, addresses: plan.shared },
    ...plan.bindings.map(({ name, address }) => ({
      routes: byBinding.get(name)?.routes ?? [],
      control: byBinding.get(name)?.control,
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
