import type { ServerConnection } from "./server-connection.js";

/**
 * Asks a server of a cluster whether it is a primary of a cluster that is up. A server that has been
 * demoted, or is cut off from the other servers, still answers a PING.
 *
 * @param timeoutMs - how long it may be silent before its connection is ended
 * @returns why the server must not be used now; undefined when it may
 * @throws ConnectionLostError when the connection is lost or ended
 */
export async function unfitnessOf(
  connection: ServerConnection,
  timeoutMs: number,
): Promise<string | undefined> {
  // Replies come in this order, so the time limit of the PING holds for all three. The PING also
  // fails when the connection is lost; here only error replies remain.
  const [info, role] = await Promise.all([
    connection.send(["CLUSTER", "INFO"]).catch(() => null),
    connection.send(["ROLE"]).catch(() => null),
    connection.ping(timeoutMs),
  ]);
  const { address } = connection;
  if (info === null || role === null) return `${address} refuses CLUSTER INFO or ROLE`;
  if (!String(info).includes("cluster_state:ok")) {
    return `${address} is cut off from its cluster, or some slots have no server`;
  }
  if (!Array.isArray(role) || String(role[0]) !== "master") return `${address} is not a primary`;
  return undefined;
}
