import type { ProviderIdentity } from "../../rpc/gen/gestalt/provider/v1/lifecycle_pb.js";
import { CallFailed } from "../cache-under-test.js";
import type { ProviderConfig } from "../case-context.js";
import { fail } from "../check.js";
import type { LifecycleUnderTest } from "../grpc/lifecycle-client.js";
import { CONFIGURED_NAME } from "./start-provider.js";

/** The protocol versions that hosts speak, newest first. */
export const HOST_PROTOCOL_VERSIONS = [5, 4, 3, 2] as const;

/** The versions of hosts that a provider says it can work with. */
export function versionsInRange(identity: ProviderIdentity): readonly number[] {
  const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
  // Zero means that the provider does not say.
  return HOST_PROTOCOL_VERSIONS.filter(
    (version) => (min === 0 || version >= min) && (max === 0 || version <= max),
  );
}

/**
 * Does what a host does before it uses a provider: asks who it is, configures
 * it, asks once more. Takes the newest version that the provider accepts.
 *
 * @returns the version that was sent, and the one that came back
 */
export async function configureAsHost(
  lifecycle: LifecycleUnderTest,
  config: ProviderConfig,
): Promise<{ readonly sent: number; readonly echoed: number }> {
  const identity = await lifecycle.identity();
  const versions = versionsInRange(identity);
  for (const [index, protocolVersion] of versions.entries()) {
    try {
      const echoed = await lifecycle.configure({ name: CONFIGURED_NAME, config, protocolVersion });
      await lifecycle.identity();
      return { sent: protocolVersion, echoed };
    } catch (error) {
      const another = error instanceof CallFailed && error.status === "FAILED_PRECONDITION";
      if (!another || index === versions.length - 1) throw error;
    }
  }
  const { minProtocolVersion: min, maxProtocolVersion: max } = identity;
  return fail("a protocol version between 2 and 5", `versions ${min} to ${max} only`);
}
