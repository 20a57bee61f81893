import type { ProviderIdentity } from "../../rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import { CallFailed } from "../cache-under-test.js";
import type { ProviderConfig } from "../case-context.js";
import { fail } from "../check.js";
import type { LifecycleUnderTest } from "../grpc/lifecycle-client.js";
import type { HostGeneration } from "./host-environment.js";
import { CONFIGURED_NAME } from "./start-provider.js";

/** The protocol versions that hosts speak, newest first. */
export const HOST_PROTOCOL_VERSIONS = [5, 4, 3, 2] as const;

/** Hosts of this protocol version and later set only the newer names of the variables. */
const NEWER_NAMES_FROM = 5;

/** The names that hosts of a version which the provider accepts set. */
export async function acceptedGenerations(
  lifecycle: LifecycleUnderTest,
): Promise<ReadonlySet<HostGeneration>> {
  const versions = versionsInRange(await statedRange(lifecycle));
  return new Set(versions.map((version) => (version >= NEWER_NAMES_FROM ? "newer" : "older")));
}

/** The protocol versions that a provider accepts; zero where it does not say. */
type VersionRange = Pick<ProviderIdentity, "minProtocolVersion" | "maxProtocolVersion">;

/** The versions of hosts that a provider says it can work with, newest first. */
export function versionsInRange(identity: VersionRange): readonly number[] {
  const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
  return HOST_PROTOCOL_VERSIONS.filter(
    (version) => (min === 0 || version >= min) && (max === 0 || version <= max),
  );
}

/**
 * Configures a provider with the newest protocol version that it accepts.
 *
 * @returns the version that was sent, and the one that came back
 * @throws CallFailed when the provider refuses the configuration
 * @throws ConformanceFailure when its range has none of the hosts' versions
 */
export async function configureAccepted(
  lifecycle: LifecycleUnderTest,
  { name = CONFIGURED_NAME, config }: { readonly name?: string; readonly config: ProviderConfig },
): Promise<{ readonly sent: number; readonly echoed: number }> {
  const identity = await statedRange(lifecycle);
  const versions = versionsInRange(identity);
  for (const [index, protocolVersion] of versions.entries()) {
    try {
      const echoed = await lifecycle.configure({ name, config, protocolVersion });
      return { sent: protocolVersion, echoed };
    } catch (error) {
      const another = error instanceof CallFailed && error.status === "FAILED_PRECONDITION";
      if (!another || index === versions.length - 1) throw error;
    }
  }
  const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
  return fail("a protocol version from 2 to 5", `versions ${min} to ${max} only`);
}

/**
 * A provider that refuses its identity may still accept a configuration. A case of its own
 * reports the refusal, which must not fail every other case too.
 */
async function statedRange(lifecycle: LifecycleUnderTest): Promise<VersionRange> {
  try {
    return await lifecycle.identity();
  } catch (error) {
    if (error instanceof CallFailed) return { minProtocolVersion: 0, maxProtocolVersion: 0 };
    throw error;
  }
}

/**
 * Does what a host does before it uses a provider: asks for its identity, configures it, and
 * asks for its identity again.
 *
 * @returns the protocol version that was sent, and the one that came back
 */
export async function configureAsHost(
  lifecycle: LifecycleUnderTest,
  config: ProviderConfig,
): Promise<{ readonly sent: number; readonly echoed: number }> {
  const versions = await configureAccepted(lifecycle, { config });
  await lifecycle.identity();
  return versions;
}
