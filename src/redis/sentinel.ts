import type { Clock } from "../contract/clock.js";
import type { SharedCacheConfig } from "../memory/config/shared-config.js";
import { formatAddress, ServerConnection, type ConnectionEvents } from "./server-connection.js";
import { connectionProblem, ConnectionLostError } from "./server-error.js";
import {
  addressesFrom,
  sentinelTarget,
  serverTarget,
  type ServerAddress,
} from "./server-targets.js";

const NO_EVENTS: ConnectionEvents = { onInvalidate: () => {}, onLost: () => {} };

/**
 * Connects to the primary that the sentinels name. The first sentinel that answers decides; the
 * server must call itself a primary, since a sentinel's answer may be outdated during a fail-over.
 *
 * @throws ConnectionLostError when no sentinel names a primary that can be used
 */
export async function openPrimary(
  config: SharedCacheConfig,
  trackedPrefix: string | undefined,
  events: ConnectionEvents,
  clock: Clock,
): Promise<ServerConnection> {
  const name = config.sentinel?.name ?? "";
  const problems: string[] = [];
  for (const sentinel of addressesFrom(config)) {
    try {
      const primary = await primaryFrom(config, sentinel, name, clock);
      const target = serverTarget(config, primary, trackedPrefix);
      const connection = await ServerConnection.open(target, events, clock);
      try {
        await assertPrimary(connection, target.timeoutMs);
        return connection;
      } catch (error) {
        connection.close(connectionProblem(error));
        throw error;
      }
    } catch (error) {
      problems.push(`${formatAddress(sentinel)}: ${connectionProblem(error)}`);
    }
  }
  const why = problems.join("; ");
  throw new ConnectionLostError(
    `no sentinel names a primary "${name}" that answers: ${why}`,
    false,
  );
}

/** @throws ConnectionLostError unless the server calls itself a primary */
async function assertPrimary(connection: ServerConnection, timeoutMs: number): Promise<void> {
  const role = await connection.sendWithin(timeoutMs, ["ROLE"]);
  if (Array.isArray(role) && String(role[0]) === "master") return;
  throw new ConnectionLostError(`${connection.address} is not a primary`, false);
}

async function primaryFrom(
  config: SharedCacheConfig,
  address: ServerAddress,
  name: string,
  clock: Clock,
): Promise<ServerAddress> {
  const target = sentinelTarget(config, address);
  const sentinel = await ServerConnection.open(target, NO_EVENTS, clock);
  try {
    const command = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name];
    const reply = await sentinel.sendWithin(target.timeoutMs, command);
    if (!Array.isArray(reply)) throw new ConnectionLostError("it does not know this name", false);
    const [host, port] = reply as readonly unknown[];
    return { host: String(host), port: Number(port) };
  } finally {
    sentinel.close("done");
  }
}
