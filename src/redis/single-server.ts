import type { Clock } from "../contract/clock.js";
import type { Command, ConnectionEvents, Reply, ServerConnection } from "./server-connection.js";
import { errorWord } from "./server-error.js";
import { sendAll, type GroupEvents, type ServerGroup } from "./server-group.js";
import { ServerLink } from "./server-link.js";

/** One server at a time: a fixed one, or the primary that Sentinel names. */
export class SingleServer implements ServerGroup {
  readonly #link: ServerLink;
  readonly #hasSentinel: boolean;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  /**
   * @param open - makes a connection to the server that holds the entries now
   * @param hasSentinel - whether `open` may choose another server the next time
   * @param timeoutMs - how long a call may take, and the server be silent before its connection is
   *   given up
   */
  constructor(
    open: (events: ConnectionEvents) => Promise<ServerConnection>,
    hasSentinel: boolean,
    timeoutMs: number,
    events: GroupEvents,
    clock: Clock,
  ) {
    this.#hasSentinel = hasSentinel;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#link = new ServerLink(open, events, clock);
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  async run(key: string, commands: readonly Command[], bytes = 0): Promise<readonly Reply[]> {
    const deadline = this.#clock.now() + this.#timeoutMs;
    const current = this.#link.connectionFor(commands.length, bytes, deadline);
    const connection = current instanceof Promise ? await current : current;
    try {
      return await sendAll(connection, commands, bytes);
    } catch (error) {
      // Sentinel names the server that is the primary now; without it, there is no other server.
      if (this.#hasSentinel && errorWord(error) === "READONLY") {
        connection.close("the server has become a replica");
      }
      throw error;
    }
  }

  groupOf(): number {
    return 0;
  }

  async ping(): Promise<void> {
    await (await this.#link.connection()).ping(this.#timeoutMs);
  }

  get problem(): string | undefined {
    return this.#link.problem;
  }

  get reconnects(): number {
    return Math.max(0, this.#link.connections - 1);
  }

  close(): void {
    this.#link.close();
  }
}
