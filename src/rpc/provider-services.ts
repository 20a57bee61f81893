import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import { ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import {
  createProviderImplementations,
  type ProviderImplementations,
  type ProviderServicesOptions,
} from "./provider-implementations.js";

/** A service and its implementation, as any server of Connect takes them. */
export interface ServiceRoute<Service extends DescService = DescService> {
  readonly service: Service;
  readonly implementation: Partial<ServiceImpl<Service>>;
  /** See {@link CacheProvider.copiesValues}; a configuration may change it. */
  readonly copiesValues?: () => boolean;
}

/** Returns the two services with which the host, and plugins through it, use a provider. */
export function createProviderServices(
  provider: CacheProvider,
  options: ProviderServicesOptions = {},
): readonly ServiceRoute[] {
  return providerRoutes(createProviderImplementations(provider, options));
}

/** Returns the two services of a provider with these implementations. */
export function providerRoutes({
  cache,
  lifecycle,
  copiesValues,
}: ProviderImplementations): readonly ServiceRoute[] {
  return [{ ...routeOf(Cache, cache), copiesValues }, routeOf(ProviderLifecycle, lifecycle)];
}

/** Returns a route, after the compiler has checked the implementation against its service. */
export function routeOf<Service extends DescService>(
  service: Service,
  implementation: Partial<ServiceImpl<Service>>,
): ServiceRoute {
  return { service, implementation };
}
