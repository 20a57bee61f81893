import type { Socket } from "node:net";

/**
 * The connections whose protocol is not known yet, the longest silent first. When there are too
 * many, that one is closed: silent clients must not keep others out.
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
      // At once: it takes a moment to close, and more connections may arrive meanwhile.
      this.#sockets.delete(longestSilent);
      longestSilent.destroy();
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.remove(socket));
  }

  /** Called when a client has sent something: its connection is no longer the longest silent. */
  heard(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.#sockets.add(socket);
  }

  /** Removes a connection. Does nothing for one that is removed already. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  /** Closes all connections now. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
