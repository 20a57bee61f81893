import { clearInterval, setInterval } from "node:timers";
import type { Clock } from "../contract/clock.js";
import { nodeTimers } from "../contract/timers.js";
import { ConnectionLostError, connectionProblem } from "./server-error.js";
import { WaitingCommands } from "./waiting-commands.js";

/** A command: its name and its arguments. */
export type Command = readonly (string | Buffer)[];

/** A reply of RESP3, with texts as bytes. */
export type Reply = Buffer | string | number | boolean | null | readonly Reply[];

/** Which server to connect to, and how. */
export interface ServerTarget {
  readonly host: string;
  readonly port: number;
  /** PEM texts; undefined for a connection without TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** The prefix of the keys whose invalidations the server sends; undefined for none. */
  readonly trackedPrefix: string | undefined;
  /** How long the handshake may take. */
  readonly timeoutMs: number;
}

/** What a connection reports; each call is synchronous, in the order of the server's messages. */
export interface ConnectionEvents {
  /** A key has changed on the server; null for all keys. */
  onInvalidate(key: string | null): void;
  /** The connection is lost. Called once, before any pending command fails. */
  onLost(reason: string): void;
}

/** Makes a client; set by the first connection. */
let createClient: ((options: object) => unknown) | undefined;

/**
 * One connection to a server, from its handshake until it is lost; it never reconnects, so replies
 * and invalidations of two connections cannot mix. Commands are pipelined in the order of `send`.
 *
 * Replies and invalidations share the stream. An invalidation that the server sent after a reply
 * is reported after the reply was read, but before code that awaits the reply continues.
 */
export class ServerConnection {
  /** `host:port`, for messages. */
  readonly address: string;
  readonly host: string;
  readonly #client: RedisClient;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  readonly #waiting = new WaitingCommands();
  #lostReason: string | undefined;
  #lastReplyAt = 0;

  private constructor(
    target: ServerTarget,
    client: RedisClient,
    events: ConnectionEvents,
    clock: Clock,
  ) {
    this.address = formatAddress(target);
    this.host = target.host;
    this.#client = client;
    this.#events = events;
    this.#clock = clock;
    client.on("error", (error: unknown) => this.close(connectionProblem(error)));
    client.on("invalidate", (key: Buffer | string | null) => {
      if (this.#lostReason === undefined) events.onInvalidate(key === null ? null : String(key));
    });
  }

  /**
   * Connects, signs in and turns tracking on.
   *
   * @throws ConnectionLostError that names the address and the reason, and no password
   */
  static async open(
    target: ServerTarget,
    events: ConnectionEvents,
    clock: Clock,
  ): Promise<ServerConnection> {
    // Loaded with the first connection: most caches have no server.
    const { RedisClient: Client, RESP_TYPES } = await import("@redis/client");
    // The client makes a class with a method for each command, in 10 to 50 ms. Its own cache of
    // classes keeps one, by all options (6.3); this way every connection has the same class.
    createClient ??= Client.factory({ RESP: 3 });
    const client = createClient({
      socket: {
        host: target.host,
        port: target.port,
        connectTimeout: target.timeoutMs,
        reconnectStrategy: false,
        ...(target.tls === undefined ? {} : { tls: true, ...sniOf(target.host), ...target.tls }),
      },
      ...(target.username === undefined ? {} : { username: target.username }),
      ...(target.password === undefined ? {} : { password: target.password }),
      database: target.database,
      name: "gestalt-cache-memory",
      RESP: 3,
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      emitInvalidate: target.trackedPrefix !== undefined,
      // This package has timeouts of its own, which include the time until the reply.
      commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    }) as RedisClient;
    const connection = new ServerConnection(target, client, events, clock);
    const timer = nodeTimers.setTimeout(
      () => connection.close(`no answer within ${target.timeoutMs} ms`),
      target.timeoutMs,
    );
    try {
      await connection.#shakeHands(target.trackedPrefix);
    } catch (error) {
      connection.close(connectionProblem(error));
    } finally {
      nodeTimers.clearTimeout(timer);
    }
    if (connection.lostReason !== undefined) throw connection.#lostError(false);
    return connection;
  }

  /** Why the connection is lost; undefined while it is not. */
  get lostReason(): string | undefined {
    return this.#lostReason;
  }

  /**
   * Sends a command.
   *
   * @param bytes - about how many bytes it has
   * @throws ConnectionLostError when no reply can come; the client's error for an error reply
   */
  async send(command: Command, bytes = 0): Promise<Reply> {
    if (this.#lostReason !== undefined) throw this.#lostError(false);
    this.#waiting.add(1, bytes, this.address);
    try {
      return await this.#client.sendCommand(command);
    } catch (error) {
      // A reply of the server, unless the connection was lost while it was waited for.
      throw this.lostReason === undefined ? error : this.#lostError(true);
    } finally {
      this.#waiting.remove(1, bytes);
      this.#lastReplyAt = this.#clock.now();
    }
  }

  /** Sends a command, and ends the connection when the reply does not come within `timeoutMs`. */
  async sendWithin(timeoutMs: number, command: Command): Promise<Reply> {
    const timer = nodeTimers.setTimeout(
      () => this.close(`no answer within ${timeoutMs} ms`),
      timeoutMs,
    );
    try {
      return await this.send(command);
    } finally {
      nodeTimers.clearTimeout(timer);
    }
  }

  /**
   * Sends a PING, and ends the connection when no reply to any command comes within `timeoutMs`.
   *
   * @throws ConnectionLostError when the connection is lost or ended
   */
  async ping(timeoutMs: number): Promise<void> {
    const timer = setInterval(() => {
      if (this.#clock.now() - this.#lastReplyAt < timeoutMs) return;
      this.close(`the server has not answered for ${timeoutMs} ms`);
    }, timeoutMs);
    timer.unref();
    try {
      await this.send(["PING"]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Ends the connection; commands without a reply fail. May be called twice. */
  close(reason: string): void {
    if (this.#lostReason !== undefined) return;
    this.#lostReason = reason;
    try {
      this.#events.onLost(reason);
    } finally {
      this.#client.destroy();
    }
  }

  async #shakeHands(prefix: string | undefined): Promise<void> {
    const connecting = this.#client.connect();
    // The client cannot cancel a connection that is being made: it may still succeed after close().
    connecting.then(
      () => {
        if (this.#lostReason !== undefined) this.#client.destroy();
      },
      () => {},
    );
    const closed = new Promise<never>((_, reject) => {
      this.#client.once("end", () => reject(this.#lostError(false)));
    });
    closed.catch(() => {});
    await Promise.race([connecting, closed]);
    if (prefix === undefined) return;
    // The client has turned tracking of single keys on, and its events for invalidations.
    const prefixes = prefix === "" ? [] : ["PREFIX", prefix];
    await Promise.all([
      this.#client.sendCommand(["CLIENT", "TRACKING", "OFF"]),
      this.#client.sendCommand(["CLIENT", "TRACKING", "ON", "BCAST", ...prefixes, "NOLOOP"]),
    ]);
  }

  #lostError(wasSent: boolean): ConnectionLostError {
    const reason = this.#lostReason ?? "the connection has ended";
    const message = `the shared cache at ${this.address} is not available: ${reason}`;
    return new ConnectionLostError(message, wasSent);
  }
}

/** `host:port`, for messages. */
export function formatAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The name for SNI, which must not be an IP address. */
function sniOf(host: string): { servername?: string } {
  return host.includes(":") || /^[\d.]+$/.test(host) ? {} : { servername: host };
}

/** What is used of the client of `@redis/client`. */
interface RedisClient {
  on(event: "error", listener: (error: unknown) => void): this;
  on(event: "invalidate", listener: (key: Buffer | string | null) => void): this;
  once(event: "end", listener: () => void): this;
  connect(): Promise<unknown>;
  sendCommand(command: Command): Promise<Reply>;
  destroy(): void;
}
