import { CallFailed, NoAnswer } from "../cache-under-test.js";
import type { ProviderConfig } from "../case-context.js";
import { ConformanceFailure, ProviderGone } from "../failure.js";
import type { GrpcChannel } from "../grpc/grpc-channel.js";
import { createLifecycleClient } from "../grpc/lifecycle-client.js";
import { configureAsHost } from "../process/configure-as-host.js";
import { Transcript } from "../transcript.js";

/**
 * Configures the provider that most cases share. A provider that answers, even
 * wrongly, goes on to the cases, which say what is wrong with it; only one that
 * gives no answer at all is not worth a hundred failures.
 *
 * @returns false when it has no ProviderLifecycle, as a cache without a host has none
 * @throws ProviderGone when there is no gRPC answer
 */
export async function configureForRun(
  channel: GrpcChannel,
  config: ProviderConfig,
): Promise<boolean> {
  try {
    await configureAsHost(createLifecycleClient(channel, new Transcript()), config);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer) {
      throw new ProviderGone(`the provider cannot be configured: ${error.message}`, {
        cause: error,
      });
    }
    if (error instanceof CallFailed) return error.status !== "UNIMPLEMENTED";
    if (error instanceof ConformanceFailure) return true;
    throw error;
  }
}
