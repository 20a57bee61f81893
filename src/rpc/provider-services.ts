import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { createCacheService } from "./cache-service.js";
import { ConfiguredState } from "./configured-state.js";
import { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import { ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { createLifecycleService } from "./lifecycle-service.js";
import { DEFAULT_MAX_REPLY_BYTES } from "./reply-size.js";
import type { ReportError } from "./rpc-error.js";

/** A service and what implements it; any server that knows Connect can carry it. */
export interface ServiceRoute<Service extends DescService = DescService> {
  readonly service: Service;
  readonly implementation: Partial<ServiceImpl<Service>>;
}

/** How {@link createProviderServices} serves a provider. */
export interface ProviderServicesOptions {
  /**
   * Refuse Cache calls with `not configured` until ConfigureProvider succeeded.
   * Default true: a host always configures. False for a server without a host.
   */
  readonly requireConfigure?: boolean;
  /** The largest reply in bytes; default 4,194,304. */
  readonly maxReplyBytes?: number;
  /** Takes the detail of internal errors; default: one entry on stderr. */
  readonly report?: ReportError;
}

/** The two services by which the host, and plugins through it, use a provider. */
export function createProviderServices(
  provider: CacheProvider,
  options: ProviderServicesOptions = {},
): readonly ServiceRoute[] {
  const {
    requireConfigure = true,
    maxReplyBytes = DEFAULT_MAX_REPLY_BYTES,
    report = reportToStderr,
  } = options;
  const state = new ConfiguredState(requireConfigure);
  return [
    routeOf(Cache, createCacheService(provider, { state, maxReplyBytes, report })),
    routeOf(ProviderLifecycle, createLifecycleService(provider, { state, report })),
  ];
}

/** Ties an implementation to the service that it is checked against. */
export function routeOf<Service extends DescService>(
  service: Service,
  implementation: Partial<ServiceImpl<Service>>,
): ServiceRoute {
  return { service, implementation };
}

function reportToStderr(error: unknown): void {
  console.error("gestalt-cache-memory: internal error:", error);
}
