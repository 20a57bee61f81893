import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { MAX_REPLY_BYTES } from "../contract/entry-size.js";
import { createCacheService } from "./cache-service.js";
import { ConfiguredState } from "./configured-state.js";
import type { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import type { ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { createLifecycleService } from "./lifecycle-service.js";
import type { ReportError } from "./rpc-error.js";

/** Options of the services of a provider. */
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

/** The implementations of the two services of a provider. */
export interface ProviderImplementations {
  readonly cache: ServiceImpl<typeof Cache>;
  readonly lifecycle: ServiceImpl<typeof ProviderLifecycle>;
  /** See {@link CacheProvider.copiesValues}; a configuration may change it. */
  readonly copiesValues: () => boolean;
}

/** Implements the two services with which the host, and plugins through it, use a provider. */
export function createProviderImplementations(
  provider: CacheProvider,
  options: ProviderServicesOptions = {},
): ProviderImplementations {
  const {
    requireConfigure = true,
    maxReplyBytes = MAX_REPLY_BYTES,
    report = reportToStderr,
  } = options;
  const state = new ConfiguredState(requireConfigure);
  return {
    cache: createCacheService(provider, { state, maxReplyBytes, report }),
    lifecycle: createLifecycleService(provider, { state, report }),
    copiesValues: () => provider.copiesValues,
  };
}

function reportToStderr(error: unknown): void {
  console.error("gestalt-cache-memory: internal error:", error);
}
