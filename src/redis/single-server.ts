import type { Command, ConnectionEvents, Reply, ServerConnection } from "./server-connection.js";
import { errorWord } from "./server-error.js";
import { sendAll, type GroupEvents, type ServerGroup } from "./server-group.js";
import { ServerLink } from "./server-link.js";

/** One server at a time: a fixed one, or the primary that Sentinel names. */
export class SingleServer implements ServerGroup {
  readonly #link: ServerLink;
  readonly #timeoutMs: number;

  /**
   * @param open - makes a connection to the server that holds the entries now
   * @param timeoutMs - how long the server may be silent before its connection is given up
   */
  constructor(
    open: (events: ConnectionEvents) => Promise<ServerConnection>,
    timeoutMs: number,
    events: GroupEvents,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#link = new ServerLink(open, events);
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  async run(key: string, commands: readonly Command[], bytes = 0): Promise<readonly Reply[]> {
    const current = this.#link.connection();
    const connection = current instanceof Promise ? await current : current;
    try {
      return await sendAll(connection, commands, bytes);
    } catch (error) {
      // The primary has become a replica: another server is the primary now.
      if (errorWord(error) === "READONLY") connection.close("the server has become a replica");
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
