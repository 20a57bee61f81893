import type { Clock } from "../contract/clock.js";
import { SHARED_DEFAULTS, type SharedCacheConfig } from "../memory/config/shared-config.js";
import { ClusterServers } from "./cluster-servers.js";
import { openPrimary } from "./sentinel.js";
import { ServerConnection } from "./server-connection.js";
import type { GroupEvents, ServerGroup } from "./server-group.js";
import { addressesFrom, serverTarget } from "./server-targets.js";
import { SingleServer } from "./single-server.js";

/**
 * The servers that a configuration names, not yet connected.
 *
 * @param trackedPrefix - the prefix of the keys whose invalidations are wanted; undefined for none
 */
export function createServerGroup(
  config: SharedCacheConfig,
  trackedPrefix: string | undefined,
  events: GroupEvents,
  clock: Clock,
): ServerGroup {
  if (config.cluster !== undefined) {
    return new ClusterServers(config, trackedPrefix, events, clock);
  }
  const { timeoutMs = SHARED_DEFAULTS.timeoutMs, sentinel } = config;
  const [address = { host: "localhost", port: 6379 }] = addressesFrom(config);
  return new SingleServer(
    // Async, so that a file that cannot be read fails the attempt.
    async (own) =>
      sentinel === undefined
        ? ServerConnection.open(serverTarget(config, address, trackedPrefix), own, clock)
        : openPrimary(config, trackedPrefix, own, clock),
    sentinel !== undefined,
    timeoutMs,
    events,
    clock,
  );
}
