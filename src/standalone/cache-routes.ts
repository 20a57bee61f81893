import { Cache } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { createProviderServices, type ServiceRoute } from "../rpc/provider-services.js";
import type { ReportError } from "../rpc/rpc-error.js";
import type { ControlledCache } from "./control/controlled-cache.js";
import { createStatisticsRoute } from "./services/statistics-service.js";

/**
 * The services by which clients use a cache and read its figures. Without the lifecycle:
 * clients cannot configure the cache.
 */
export function createCacheRoutes(cache: ControlledCache, report?: ReportError): ServiceRoute[] {
  const services = createProviderServices(cache.provider, {
    requireConfigure: false,
    ...(report === undefined ? {} : { report }),
  });
  return [
    ...services.filter(({ service }) => service.typeName === Cache.typeName),
    createStatisticsRoute(() => cache.statistics()),
  ];
}
