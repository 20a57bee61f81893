import { clearInterval, setInterval, setTimeout } from "node:timers";
import type { CallRegistry } from "./call-registry.js";
import type { Connection } from "./connection.js";
import { timerDelayMs } from "./long-timeout.js";
import type { ServerLimits } from "./server-limits.js";

/** The time in milliseconds that a destroyed connection has to send its last frames. */
const LAST_FRAMES_MS = 20;

/** The share of the allowed connections above which dead connections must be found soon. */
const CROWDED_SHARE = 0.5;

/**
 * All connections of a server, of both versions of HTTP. One timer checks the timeouts of all
 * connections and calls. It runs only while there are connections.
 */
export class ConnectionRegistry {
  readonly #limits: ServerLimits;
  readonly #calls: CallRegistry;
  readonly #connections = new Set<Connection>();
  /** Connections that do not count any more, but whose sockets are still open. */
  readonly #ending = new Set<Connection>();
  #sweeper: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(limits: ServerLimits, calls: CallRegistry) {
    this.#limits = limits;
    this.#calls = calls;
  }

  /** The number of connections. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Adds a connection. When there are too many, it closes another one to make room.
   *
   * @returns false when there is no room, or the server is closing; the caller must then
   *   destroy the connection, and {@link remove} it when its socket is closed
   */
  add(connection: Connection): boolean {
    this.#startSweeping();
    const isFull = this.#connections.size >= this.#limits.maxConnections;
    const isAdded = !this.#isClosing && (!isFull || this.#makeRoom());
    (isAdded ? this.#connections : this.#ending).add(connection);
    return isAdded;
  }

  /** Stops counting a connection that is ending. Its socket may still be open. */
  end(connection: Connection): void {
    if (this.#connections.delete(connection)) this.#ending.add(connection);
  }

  /** Removes a connection whose socket is closed. */
  remove(connection: Connection): void {
    this.#connections.delete(connection);
    this.#ending.delete(connection);
    if (this.#connections.size + this.#ending.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** Closes every connection when its last call is complete. From now on {@link add} fails. */
  closeAll(): void {
    this.#isClosing = true;
    for (const connection of this.#connections) connection.close();
  }

  /** Closes every connection now. */
  destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
    setTimeout(() => {
      for (const connection of this.#connections) connection.destroySocket();
      for (const connection of this.#ending) connection.destroySocket();
    }, LAST_FRAMES_MS);
  }

  /** Closes a connection to make room. Returns false when all of them are in use. */
  #makeRoom(): boolean {
    const victim = this.#oldestInHandshake() ?? this.#longestUnused();
    if (victim === undefined) return false;
    // At once: it takes a moment to close, and more connections may arrive meanwhile.
    this.end(victim);
    victim.destroy();
    return true;
  }

  #oldestInHandshake(): Connection | undefined {
    for (const connection of this.#connections) if (connection.isInHandshake) return connection;
    return undefined;
  }

  /**
   * The connection that has been unused the longest. Of several it is the newest, since a
   * flood of connections must not close those that existed before.
   */
  #longestUnused(): Connection | undefined {
    let victim: Connection | undefined;
    let longestMs = -Infinity;
    for (const connection of this.#connections) {
      const unusedMs = connection.unusedMs();
      if (unusedMs === undefined || unusedMs < longestMs) continue;
      victim = connection;
      longestMs = unusedMs;
    }
    return victim;
  }

  #startSweeping(): void {
    if (this.#sweeper !== undefined) return;
    this.#calls.sweep();
    this.#sweeper = setInterval(() => this.#sweep(), timerDelayMs(this.#limits.sweepIntervalMs));
    this.#sweeper.unref();
  }

  #sweep(): void {
    this.#calls.sweep();
    const { nowMs } = this.#calls;
    const isCrowded = this.#connections.size > CROWDED_SHARE * this.#limits.maxConnections;
    for (const connection of this.#connections) connection.check(nowMs, isCrowded);
    for (const connection of this.#ending) connection.check(nowMs, isCrowded);
  }
}
