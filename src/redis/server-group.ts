import type { Command, Reply, ServerConnection } from "./server-connection.js";

/** The servers that hold the entries, seen as one: a single server, a primary, or a cluster. */
export interface ServerGroup {
  /**
   * Connects for the first time.
   *
   * @throws ConnectionLostError that says why it cannot
   */
  start(): Promise<void>;
  /**
   * Runs commands for one key, in this order and on one connection. They must be harmless to
   * repeat as long as none of them has been carried out.
   *
   * @param bytes - about how many bytes the commands have together
   * @throws ConnectionLostError when there is no connection or it was lost; the client's error for
   *   the first error reply
   */
  run(key: string, commands: readonly Command[], bytes?: number): Promise<readonly Reply[]>;
  /** Keys with the same number may be read by one command. */
  groupOf(key: string): number;
  /**
   * Settled when each server has answered a PING that was sent after this call.
   *
   * @throws ConnectionLostError when a server is not connected, or answers that it must not be used
   */
  ping(): Promise<void>;
  /** Why calls fail now; undefined while all servers can be used. */
  readonly problem: string | undefined;
  /** How many connections were made, the first ones not counted. */
  readonly reconnects: number;
  close(): void;
}

/** What a group reports; each call is synchronous, before any command fails or is answered. */
export interface GroupEvents {
  onInvalidate(key: string | null): void;
  /** All servers are connected, and send their invalidations. */
  onUp(): void;
  /** A server is lost, or the servers have changed. */
  onDown(): void;
}

/** Sends commands together; settled when all are answered or one has failed. */
export async function sendAll(
  connection: ServerConnection,
  commands: readonly Command[],
  bytes: number,
): Promise<readonly Reply[]> {
  const [only] = commands;
  if (commands.length === 1 && only !== undefined) return [await connection.send(only, bytes)];
  return Promise.all(commands.map((command) => connection.send(command, bytes)));
}
