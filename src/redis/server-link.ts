import type { Clock } from "../contract/clock.js";
import type { MaybePromise } from "../contract/maybe-promise.js";
import { nodeTimers } from "../contract/timers.js";
import type { ConnectionEvents, ServerConnection } from "./server-connection.js";
import { ConnectionLostError, connectionProblem } from "./server-error.js";
import { WaitingCommands } from "./waiting-commands.js";

/** The wait before an attempt to connect, after the first one: doubled each time, up to a bound. */
const MIN_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;

/** What a link reports. */
export interface LinkEvents {
  onInvalidate(key: string | null): void;
  /** A connection can be used. */
  onUp(): void;
  /** The connection is lost; called before any command on it fails. */
  onDown(): void;
}

/**
 * A server with at most one connection at a time, which is made again when it is lost: at once,
 * then after 50 ms, 100 ms and so on up to 2 s, each shortened by a random part.
 */
export class ServerLink {
  readonly #open: (events: ConnectionEvents) => Promise<ServerConnection>;
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  readonly #waiting = new WaitingCommands();
  #connection: ServerConnection | undefined;
  #connecting: Promise<ServerConnection> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #problem: string | undefined;
  #isClosed = false;
  #connections = 0;

  /** @param open - makes a connection, to a server that it chooses each time */
  constructor(
    open: (events: ConnectionEvents) => Promise<ServerConnection>,
    events: LinkEvents,
    clock: Clock,
  ) {
    this.#open = open;
    this.#events = events;
    this.#clock = clock;
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#connections;
  }

  /** Why there is no connection; undefined while there is one. */
  get problem(): string | undefined {
    if (this.#connection !== undefined) return undefined;
    return this.#problem ?? "the connection is being made";
  }

  /**
   * The connection, or the one that is being made.
   *
   * @throws ConnectionLostError while the link waits before its next attempt
   */
  connection(): MaybePromise<ServerConnection> {
    const connection = this.#connection ?? this.#connecting;
    if (connection !== undefined) return connection;
    throw new ConnectionLostError(this.#problem ?? "the shared cache is closed", false);
  }

  /**
   * The connection for commands whose caller waits no longer than a deadline. They count as waiting
   * while the connection is being made.
   *
   * @param bytes - about how many bytes the commands have
   * @param deadline - a reading of the clock
   * @throws ConnectionLostError also when too many commands wait, and after the deadline, since
   *   nothing may be sent once its caller has given up
   */
  connectionFor(commands: number, bytes: number, deadline: number): MaybePromise<ServerConnection> {
    return this.#connection ?? this.#waitForConnection(commands, bytes, deadline);
  }

  /**
   * Connects for the first time; after a failure the link does not try again.
   *
   * @throws ConnectionLostError that says why it cannot
   */
  async start(): Promise<void> {
    await this.#connect();
  }

  /** Connects, and tries again until it succeeds. */
  startInBackground(): void {
    this.#reconnect();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    nodeTimers.clearTimeout(this.#timer);
    this.#problem = "the shared cache is closed";
    this.#connection?.close("the shared cache is closed");
  }

  async #waitForConnection(
    commands: number,
    bytes: number,
    deadline: number,
  ): Promise<ServerConnection> {
    this.#waiting.add(commands, bytes, "a connection");
    try {
      const connection = await this.connection();
      if (this.#clock.now() < deadline) return connection;
    } finally {
      this.#waiting.remove(commands, bytes);
    }
    throw new ConnectionLostError("the shared cache was not connected in time", false);
  }

  #connect(): Promise<ServerConnection> {
    let opened: ServerConnection | undefined;
    const connecting = this.#open({
      onInvalidate: (key) => this.#events.onInvalidate(key),
      onLost: (reason) => {
        if (opened !== undefined && opened === this.#connection) this.#onLost(opened, reason);
      },
    }).then((connection) => {
      opened = connection;
      // Between its handshake and now it may have been lost, and this link closed.
      if (this.#isClosed) connection.close("the shared cache is closed");
      const { lostReason } = connection;
      if (lostReason !== undefined) throw new ConnectionLostError(lostReason, false);
      this.#connecting = undefined;
      this.#connection = connection;
      this.#connections++;
      this.#failures = 0;
      this.#events.onUp();
      return connection;
    });
    this.#connecting = connecting;
    return connecting;
  }

  #onLost(connection: ServerConnection, reason: string): void {
    this.#connection = undefined;
    this.#problem = `the shared cache at ${connection.address} is not available: ${reason}`;
    this.#events.onDown();
    if (!this.#isClosed) this.#reconnect();
  }

  #reconnect(): void {
    this.#timer = undefined;
    this.#connect().catch((error: unknown) => {
      this.#connecting = undefined;
      this.#problem = connectionProblem(error);
      if (this.#isClosed) return;
      const backoff = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** this.#failures++);
      const delay = backoff * (0.5 + Math.random() / 2);
      this.#timer = nodeTimers.setTimeout(() => this.#reconnect(), delay).unref();
    });
  }
}
