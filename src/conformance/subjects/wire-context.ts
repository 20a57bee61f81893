import type { ProviderConfig, WireContext } from "../case-context.js";
import { realTicker } from "../case-time.js";
import { createCacheClient } from "../grpc/cache-client.js";
import { GrpcChannel, type GrpcChannelOptions } from "../grpc/grpc-channel.js";
import { createLifecycleClient } from "../grpc/lifecycle-client.js";
import { CONFIGURED_NAME } from "../process/start-provider.js";
import type { CaseWorkspace } from "../subject.js";
import { createCacheContext } from "./cache-context.js";

/** The context of a case that speaks gRPC on this channel. */
export function createWireContext(
  channel: GrpcChannel,
  options: GrpcChannelOptions & {
    readonly ttlUnitMs: number;
    readonly config: ProviderConfig;
    readonly shared: boolean;
  },
  workspace: CaseWorkspace,
): WireContext {
  const cache = createCacheClient(channel);
  const { ttlUnitMs: unitMs, shared } = options;
  const ticker = realTicker(workspace.signal);
  return {
    ...createCacheContext(cache, { ticker, unitMs, shared }, workspace),
    channel,
    lifecycle: createLifecycleClient(channel, workspace.transcript),
    configured: { name: CONFIGURED_NAME, config: options.config },
    openChannel: () => {
      const another = new GrpcChannel(options);
      workspace.defer(() => another.close());
      return another;
    },
  };
}
