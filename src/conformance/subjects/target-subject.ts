import { createCacheClient } from "../grpc/cache-client.js";
import {
  connectTarget,
  formatTarget,
  type ProviderTarget,
  type TargetTlsOptions,
} from "../grpc/connect-target.js";
import { GrpcChannel, type GrpcChannelOptions } from "../grpc/grpc-channel.js";
import type { CaseWorkspace, ConformanceSubject } from "../subject.js";
import { createWireContext } from "./wire-context.js";
import { configureForRun } from "./configure-for-run.js";

/** How a provider at a target is reached. */
export interface TargetOptions {
  readonly tls?: TargetTlsOptions;
  /** Sent with every call, such as a token. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A provider that is already running. It may be shared: a run changes only its own keys, and
 * removes them afterwards.
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
      const isProvider = await configureForRun(channel, settings);
      const offer = (workspace: CaseWorkspace): ReturnType<typeof createWireContext> =>
        createWireContext(channel, { ...options, ...settings, shared: true }, workspace);
      return {
        exact: false,
        offers: { cache: offer, wire: offer, ...(isProvider ? { lifecycle: offer } : {}) },
        close: async () => {
          await settings.keys.removeAll(createCacheClient(channel)).catch(() => undefined);
          channel.close();
        },
      };
    },
  };
}
