import type { WireContext } from "../case-context.js";
import { CaseSkipped } from "../failure.js";
import { createCacheClient } from "../grpc/cache-client.js";
import {
  connectTarget,
  formatTarget,
  type ProviderTarget,
  type TargetTlsOptions,
} from "../grpc/connect-target.js";
import { GrpcChannel, type GrpcChannelOptions } from "../grpc/grpc-channel.js";
import type { CaseWorkspace, ConformanceSubject } from "../subject.js";
import { configureUnlessInUse } from "./configure-for-run.js";
import { createWireContext } from "./wire-context.js";

/** How a provider at a target is reached. */
export interface TargetOptions {
  readonly tls?: TargetTlsOptions;
  /** Sent with every call, such as a token. */
  readonly headers?: Readonly<Record<string, string>>;
}

const NOT_CONFIGURED =
  "needs to configure the target, which is in use; pass a configuration (--config) to allow it";

/**
 * A provider that is already running. It may be shared: a run changes only its own keys, and
 * removes them afterwards. Large values may displace other entries of a bounded cache. A target
 * that already serves its cache is not configured, unless the run has a configuration.
 */
export function targetSubject(
  target: ProviderTarget,
  { tls = {}, headers = {} }: TargetOptions = {},
): ConformanceSubject {
  return {
    description: formatTarget(target),
    open: async (settings) => {
      const options: GrpcChannelOptions = {
        connect: () => connectTarget(target, tls),
        timeoutMs: settings.callTimeoutMs,
        headers,
      };
      const channel = new GrpcChannel(options);
      const state = await configureUnlessInUse(channel, settings);
      const offer = (workspace: CaseWorkspace): WireContext => {
        const context = createWireContext(
          channel,
          { ...options, ...settings, shared: true },
          workspace,
        );
        return state === "in use" ? withoutConfigure(context) : context;
      };
      return {
        exact: false,
        offers: {
          cache: offer,
          wire: offer,
          ...(state === "no lifecycle" ? {} : { lifecycle: offer }),
        },
        close: async () => {
          await settings.keys.removeAll(createCacheClient(channel)).catch(() => undefined);
          channel.close();
        },
      };
    },
  };
}

/** The context of a case that is skipped as soon as it calls ConfigureProvider. */
function withoutConfigure(context: WireContext): WireContext {
  const configure = (): Promise<never> => Promise.reject(new CaseSkipped(NOT_CONFIGURED));
  return { ...context, lifecycle: { ...context.lifecycle, configure } };
}
