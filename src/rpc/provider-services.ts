import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { MAX_REPLY_BYTES } from "../contract/entry-size.js";
import { createCacheService } from "./cache-service.js";
import { ConfiguredState } from "./configured-state.js";
import { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import { ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { createLifecycleService } from "./lifecycle-service.js";
import type { ReportError } from "./rpc-error.js";

/** A service and its implementation, as any server of Connect takes them. */
export interface ServiceRoute<Service extends DescService = DescService> {
  readonly service: Service;
  readonly implementation: Partial<ServiceImpl<Service>>;
}

/** Options of {@link createProviderServices}. */
export interface ProviderServicesOptions {
  /**
   * Whether Cache calls fail with `not configured` until ConfigureProvider succeeds. Default:
   * true, since a host always configures. False for a server without a host.
   */
  readonly requireConfigure?: boolean;
  /** The largest reply in bytes; default 4,194,304. */
  readonly maxReplyBytes?: number;
  /** Receives the detail of internal errors; default: prints it to stderr. */
  readonly report?: ReportError;
}

/** Returns the two services with which the host, and plugins through it, use a provider. */
export function createProviderServices(
  provider: CacheProvider,
  options: ProviderServicesOptions = {},
): readonly ServiceRoute[] {
  const {
    requireConfigure = true,
    maxReplyBytes = MAX_REPLY_BYTES,
    report = reportToStderr,
  } = options;
  const state = new ConfiguredState(requireConfigure);
  return [
    routeOf(Cache, createCacheService(provider, { state, maxReplyBytes, report })),
    routeOf(ProviderLifecycle, createLifecycleService(provider, { state, report })),
  ];
}

/** Returns a route, after the compiler has checked the implementation against its service. */
export function routeOf<Service extends DescService>(
  service: Service,
  implementation: Partial<ServiceImpl<Service>>,
): ServiceRoute {
  return { service, implementation };
}

function reportToStderr(error: unknown): void {
  console.error("gestalt-cache-memory: internal error:", error);
}
