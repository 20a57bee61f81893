import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { NOT_CONFIGURED, type ConfiguredState } from "./configured-state.js";
import { ProviderKind, type ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { guarded } from "./guarded.js";
import { isHostLaunchRecord } from "./host-launch-record.js";
import {
  assertProtocolVersion,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
} from "./protocol-version.js";
import type { ReportError } from "./rpc-error.js";

/** What the ProviderLifecycle service needs besides its provider. */
export interface LifecycleServiceOptions {
  readonly state: ConfiguredState;
  readonly report: ReportError;
}

/**
 * The ProviderLifecycle service over a provider: how the host learns what it
 * is, configures it and asks after its health. Called a few times a life, so
 * it is written for reading.
 */
export function createLifecycleService(
  provider: CacheProvider,
  { state, report }: LifecycleServiceOptions,
): ServiceImpl<typeof ProviderLifecycle> {
  return {
    getProviderIdentity: guarded(
      async () => ({
        kind: ProviderKind.CACHE,
        name: provider.name,
        displayName: provider.displayName,
        description: provider.description,
        version: provider.version,
        warnings: [...(await provider.warnings())],
        minProtocolVersion: MIN_PROTOCOL_VERSION,
        maxProtocolVersion: MAX_PROTOCOL_VERSION,
      }),
      report,
    ),

    configureProvider: guarded(async ({ name, config = {}, protocolVersion }) => {
      assertProtocolVersion(protocolVersion);
      await provider.configureProvider(name, isHostLaunchRecord(config) ? {} : config);
      // Only now: a first configuration that failed must not open the cache.
      state.protocolVersion = protocolVersion;
      return { protocolVersion };
    }, report),

    healthCheck: guarded(async () => {
      if (!state.isReady) return { ready: false, message: NOT_CONFIGURED };
      const { ready, message = "" } = await provider.healthCheck();
      return { ready, message };
    }, report),

    startProvider: guarded(async () => {
      state.assertReady();
      await provider.startProvider();
      return { protocolVersion: state.protocolVersion ?? MAX_PROTOCOL_VERSION };
    }, report),
  };
}
