import { SLOTS } from "./key-slot.js";
import type { Reply } from "./server-connection.js";
import type { ServerAddress } from "./server-targets.js";

/** Which primary holds each slot, as `host:port`; undefined for a slot that no primary holds. */
export type ClusterTable = readonly (ServerAddress | undefined)[];

/**
 * Reads the reply to CLUSTER SLOTS.
 *
 * @param askedHost - the host that replied: a server that does not know its own name leaves it out
 */
export function clusterTableFrom(reply: Reply, askedHost: string): ClusterTable {
  const table = new Array<ServerAddress | undefined>(SLOTS).fill(undefined);
  if (!Array.isArray(reply)) return table;
  for (const range of reply as readonly Reply[]) {
    const [from, to, primary] = range as readonly [number, number, readonly Reply[]];
    const [host, port] = primary;
    const name = host === null ? "" : String(host);
    const address = { host: name === "" || name === "?" ? askedHost : name, port: Number(port) };
    table.fill(address, from, to + 1);
  }
  return table;
}

/** Where a server sends a command instead. */
export interface Redirection {
  /** Whether the slot has moved for good; otherwise the command must follow an ASKING. */
  readonly isMoved: boolean;
  readonly address: ServerAddress;
}

/** Reads `MOVED slot host:port` and `ASK slot host:port`; undefined for another error. */
export function redirectionFrom(error: unknown, askedHost: string): Redirection | undefined {
  const message = error instanceof Error ? error.message : "";
  const match = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(message);
  if (match === null) return undefined;
  const [, word, host = "", port] = match;
  return { isMoved: word === "MOVED", address: { host: host || askedHost, port: Number(port) } };
}
