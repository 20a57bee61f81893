import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { NOT_CONFIGURED, type ConfiguredState } from "./configured-state.js";
import type { ProviderKind, ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import { healthFromResult } from "../contract/handler-results.js";
import {
  assertProtocolVersion,
  MAX_PROTOCOL_VERSION,
  MIN_PROTOCOL_VERSION,
} from "./protocol-version.js";
import { lifecycleErrorFrom, messageOf, type ReportError } from "./rpc-error.js";

/** ProviderKind.CACHE. The generated enum would bring the descriptors of its file with it. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const KIND_CACHE: ProviderKind.CACHE = 6;

/** Options of {@link createLifecycleService}. */
export interface LifecycleServiceOptions {
  readonly state: ConfiguredState;
  readonly report: ReportError;
}

/**
 * Creates the ProviderLifecycle service of a provider. With it the host identifies the provider,
 * configures it and checks its health.
 */
export function createLifecycleService(
  provider: CacheProvider,
  { state, report }: LifecycleServiceOptions,
): ServiceImpl<typeof ProviderLifecycle> {
  /** Returns a handler whose errors the operator may see. */
  const step =
    <Request, Response>(name: string, handle: (request: Request) => Promise<Response>) =>
    (request: Request): Promise<Response> =>
      handle(request).catch((thrown: unknown) => {
        throw lifecycleErrorFrom(name, thrown, report);
      });

  return {
    getProviderIdentity: step("identity", async () => ({
      kind: KIND_CACHE,
      name: provider.name,
      displayName: provider.displayName,
      description: provider.description,
      version: provider.version,
      warnings: [...(await provider.warnings())],
      minProtocolVersion: MIN_PROTOCOL_VERSION,
      maxProtocolVersion: MAX_PROTOCOL_VERSION,
    })),

    configureProvider: step("configure", async ({ name, config = {}, protocolVersion }) => {
      assertProtocolVersion(protocolVersion);
      await provider.configureProvider(name, config);
      // Only now: the cache serves no calls after a first configuration that failed.
      state.protocolVersion = protocolVersion;
      return { protocolVersion };
    }),

    healthCheck: step("health check", async () => {
      if (!state.isReady) return { ready: false, message: NOT_CONFIGURED };
      try {
        const { ready, message = "" } = healthFromResult(await provider.healthCheck());
        return { ready, message };
      } catch (thrown) {
        return { ready: false, message: messageOf(thrown) };
      }
    }),

    startProvider: step("start", async () => {
      state.assertReady();
      await provider.startProvider();
      return { protocolVersion: state.protocolVersion ?? MAX_PROTOCOL_VERSION };
    }),
  };
}
