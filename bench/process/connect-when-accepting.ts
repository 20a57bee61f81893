import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** The longest wait for a program to accept connections. */
const TIMEOUT_MS = 20_000;

/**
 * Connects to a socket of a starting server: retries until it
 * accepts, every millisecond.
 *
 * @throws Error when it does not accept within 20 s
 */
export async function connectWhenAccepting(socketPath: string): Promise<Socket> {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const socket = connect(socketPath);
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(1);
    }
  }
}
