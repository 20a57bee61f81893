import { CallFailed, NoAnswer } from "../cache-under-test.js";
import { ConformanceFailure, ProviderGone } from "../failure.js";
import { createCacheClient } from "../grpc/cache-client.js";
import type { GrpcChannel } from "../grpc/grpc-channel.js";
import { createLifecycleClient } from "../grpc/lifecycle-client.js";
import { configureAsHost } from "../process/configure-as-host.js";
import type { SubjectSettings } from "../subject.js";
import { Transcript } from "../transcript.js";

/**
 * Configures the provider at a target, unless it is in use: ConfigureProvider would replace its
 * name and its limits. A provider is in use when it replies to a Get; a given configuration
 * permits the change.
 *
 * @returns `in use` for a provider that was not configured, `no lifecycle` for one that cannot be
 * @throws ProviderGone like {@link configureForRun}
 */
export async function configureUnlessInUse(
  channel: GrpcChannel,
  settings: Pick<SubjectSettings, "config" | "isConfigGiven" | "keys">,
): Promise<"configured" | "in use" | "no lifecycle"> {
  const inUse =
    !settings.isConfigGiven && (await servesCache(channel, settings.keys.next("probe")));
  const hasLifecycle = inUse
    ? await servesLifecycle(channel)
    : await configureForRun(channel, settings);
  if (!hasLifecycle) return "no lifecycle";
  return inUse ? "in use" : "configured";
}

/** @throws ProviderGone when no reply comes, or a token is missing */
async function servesCache(channel: GrpcChannel, key: string): Promise<boolean> {
  try {
    await createCacheClient(channel).get(key);
    return true;
  } catch (error) {
    if (error instanceof CallFailed && error.status !== "UNAUTHENTICATED") return false;
    throw goneFor(error) ?? error;
  }
}

/** @throws ProviderGone when no reply comes */
async function servesLifecycle(channel: GrpcChannel): Promise<boolean> {
  try {
    await createLifecycleClient(channel, new Transcript()).identity();
    return true;
  } catch (error) {
    // The cases report any other status.
    if (error instanceof CallFailed) return error.status !== "UNIMPLEMENTED";
    throw goneFor(error) ?? error;
  }
}

/**
 * Configures the provider that most cases share.
 *
 * @returns false when it has no ProviderLifecycle, as a cache without a host has none
 * @throws ProviderGone when every case would fail for one reason: no gRPC answer, a refused
 *   configuration, a missing token
 */
export async function configureForRun(
  channel: GrpcChannel,
  { config, keys }: Pick<SubjectSettings, "config" | "keys">,
): Promise<boolean> {
  const probe = keys.next("probe");
  try {
    await configureAsHost(createLifecycleClient(channel, new Transcript()), config);
    return true;
  } catch (error) {
    if (error instanceof CallFailed && error.status === "UNIMPLEMENTED") {
      await assertServesCache(channel, probe, "it serves neither ProviderLifecycle nor Cache");
      return false;
    }
    if (error instanceof ConformanceFailure) {
      // The cases say what is wrong, unless none of them can use the cache.
      await assertServesCache(channel, probe, error.message);
      return true;
    }
    throw goneFor(error) ?? error;
  }
}

/** @throws ProviderGone when not even a Get is answered, for the reason given */
async function assertServesCache(channel: GrpcChannel, key: string, reason: string): Promise<void> {
  try {
    await createCacheClient(channel).get(key);
  } catch (error) {
    if (error instanceof CallFailed && error.status !== "UNAUTHENTICATED") {
      throw new ProviderGone(`the provider cannot be configured: ${reason} (${error.message})`, {
        cause: error,
      });
    }
    throw goneFor(error) ?? error;
  }
}

function goneFor(error: unknown): ProviderGone | undefined {
  if (!(error instanceof CallFailed || error instanceof NoAnswer)) return undefined;
  const isRefused = error instanceof CallFailed && error.status === "UNAUTHENTICATED";
  const problem = isRefused
    ? "the target requires a token; it was not sent or is wrong"
    : "the provider cannot be configured";
  return new ProviderGone(`${problem}: ${error.message}`, { cause: error });
}
