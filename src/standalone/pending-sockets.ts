import type { Socket } from "node:net";

/**
 * The connections of which it is not known yet what they speak, the longest silent
 * first. When there are too many, that one gives way: a client that says nothing must
 * not keep out those that have something to say.
 */
export class PendingSockets {
  readonly #sockets = new Set<Socket>();
  readonly #maxSockets: number;

  constructor(maxSockets: number) {
    this.#maxSockets = maxSockets;
  }

  /** Adds a connection until it closes or {@link remove} is called. */
  add(socket: Socket): void {
    const [longestSilent] = this.#sockets;
    if (longestSilent !== undefined && this.#sockets.size >= this.#maxSockets) {
      // At once: it takes a moment to close, and more connections may come meanwhile.
      this.#sockets.delete(longestSilent);
      longestSilent.destroy();
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.remove(socket));
  }

  /** Notes that something has come of a connection. */
  heard(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.#sockets.add(socket);
  }

  /** Forgets a connection; nothing if it is not there. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  /** Ends all of them now. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
