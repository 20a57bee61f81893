import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Long enough for a cold disk, short enough to notice a program that does not serve. */
const TIMEOUT_MS = 20_000;

/**
 * Connects to a socket that somebody is about to listen on: tries until it
 * accepts, a millisecond apart.
 *
 * @throws Error when nobody has accepted after 20 s
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
