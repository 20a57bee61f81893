import type { Clock } from "../contract/clock.js";
import { nodeTimers } from "../contract/timers.js";
import { SHARED_DEFAULTS, type SharedCacheConfig } from "../memory/config/shared-config.js";
import { unfitnessOf } from "./cluster-health.js";
import { clusterTableFrom, redirectionFrom, type ClusterTable } from "./cluster-table.js";
import { keySlot } from "./key-slot.js";
import {
  formatAddress,
  ServerConnection,
  type Command,
  type ConnectionEvents,
  type Reply,
} from "./server-connection.js";
import { connectionProblem, ConnectionLostError, errorWord } from "./server-error.js";
import { sendAll, type GroupEvents, type ServerGroup } from "./server-group.js";
import { ServerLink } from "./server-link.js";
import { addressesFrom, serverTarget, type ServerAddress } from "./server-targets.js";

/** How many times one call follows a redirection. */
const MAX_REDIRECTIONS = 5;

/** The time between two questions for the table while a server is lost, or slots move. */
const REFRESH_INTERVAL_MS = 200;

const NO_EVENTS: ConnectionEvents = { onInvalidate: () => {}, onLost: () => {} };

/** A server's address, and a question for its table. */
type TableSource = readonly [name: string, ask: () => Promise<ClusterTable>];

/**
 * The primaries of a cluster, each with a connection of its own. A table says which primary holds a
 * slot. It is read again when a server redirects a command, and several times a second while a
 * connection is lost, so a fail-over is followed without a restart.
 */
export class ClusterServers implements ServerGroup {
  readonly #config: SharedCacheConfig;
  readonly #trackedPrefix: string | undefined;
  readonly #events: GroupEvents;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #links = new Map<string, ServerLink>();
  #table: ClusterTable = [];
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why connected servers must not be used, by `host:port`, until they answer a ping well. */
  readonly #unfit = new Map<string, string>();
  #isUp = false;
  #isClosed = false;
  #closedReconnects = 0;

  /** @param trackedPrefix - the prefix of the keys whose invalidations are wanted, if any */
  constructor(
    config: SharedCacheConfig,
    trackedPrefix: string | undefined,
    events: GroupEvents,
    clock: Clock,
  ) {
    this.#config = config;
    this.#trackedPrefix = trackedPrefix;
    this.#events = events;
    this.#clock = clock;
    this.#timeoutMs = config.timeoutMs ?? SHARED_DEFAULTS.timeoutMs;
  }

  async start(): Promise<void> {
    await this.#refresh();
    await Promise.all(Array.from(this.#links.values(), async (link) => link.connection()));
    if (this.#table.includes(undefined)) {
      throw new ConnectionLostError("some slots of the cluster are held by no server", false);
    }
  }

  async run(key: string, commands: readonly Command[], bytes = 0): Promise<readonly Reply[]> {
    const owner = this.#table[keySlot(key)];
    if (owner === undefined) {
      this.#refreshSoon();
      throw new ConnectionLostError("no server of the shared cache holds this key's slot", false);
    }
    const deadline = this.#clock.now() + this.#timeoutMs;
    let { host } = owner;
    let link = this.#linkTo(owner);
    let isAsking = false;
    for (let redirections = 0; ; redirections++) {
      const connection = await link.connectionFor(commands.length, bytes, deadline);
      try {
        if (!isAsking) return await sendAll(connection, commands, bytes);
        const asking = commands.flatMap((command) => [["ASKING"], command]);
        return (await sendAll(connection, asking, bytes)).filter((_, index) => index % 2 === 1);
      } catch (error) {
        const redirection = redirectionFrom(error, host);
        if (redirection?.isMoved === true) this.#refreshSoon();
        if (errorWord(error) === "CLUSTERDOWN") {
          this.#markUnfit(connection.address, `${connection.address} calls the cluster down`);
        }
        if (redirection === undefined || redirections >= MAX_REDIRECTIONS) throw error;
        ({ host } = redirection.address);
        link = this.#linkTo(redirection.address);
        isAsking = !redirection.isMoved;
      }
    }
  }

  groupOf(key: string): number {
    return keySlot(key);
  }

  async ping(): Promise<void> {
    const pings = Array.from(this.#links, async ([name, link]) => {
      const reason = await unfitnessOf(await link.connection(), this.#timeoutMs);
      if (this.#links.get(name) !== link) return;
      if (reason === undefined) {
        this.#unfit.delete(name);
        return;
      }
      this.#markUnfit(name, reason);
      throw new ConnectionLostError(reason, false);
    });
    await Promise.all(pings);
    this.#upWhenComplete();
  }

  get problem(): string | undefined {
    for (const { problem } of this.#links.values()) if (problem !== undefined) return problem;
    for (const reason of this.#unfit.values()) return reason;
    return this.#links.size === 0 ? "no server of the cluster is known" : undefined;
  }

  get reconnects(): number {
    let reconnects = this.#closedReconnects;
    for (const link of this.#links.values()) reconnects += reconnectsOf(link);
    return reconnects;
  }

  close(): void {
    this.#isClosed = true;
    nodeTimers.clearTimeout(this.#timer);
    for (const link of this.#links.values()) link.close();
  }

  #linkTo(address: ServerAddress): ServerLink {
    const name = formatAddress(address);
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    // Async, so that a file that cannot be read fails the attempt.
    const open = async (events: ConnectionEvents): Promise<ServerConnection> =>
      ServerConnection.open(
        serverTarget(this.#config, address, this.#trackedPrefix),
        events,
        this.#clock,
      );
    const events = {
      onInvalidate: (key: string | null) => this.#events.onInvalidate(key),
      onUp: () => this.#upWhenComplete(),
      onDown: () => {
        this.#down();
        this.#refreshSoon();
      },
    };
    const link = new ServerLink(open, events, this.#clock);
    this.#links.set(name, link);
    link.startInBackground();
    return link;
  }

  /** Each onUp empties the near cache, so one is enough until the next onDown. */
  #upWhenComplete(): void {
    if (this.#isUp || this.problem !== undefined) return;
    this.#isUp = true;
    this.#events.onUp();
  }

  #down(): void {
    this.#isUp = false;
    this.#events.onDown();
  }

  /** Looks for the server that replaces one that answers, but must not be used. */
  #markUnfit(name: string, reason: string): void {
    if (!this.#links.has(name)) return;
    this.#unfit.set(name, reason);
    this.#down();
    this.#refreshSoon();
  }

  /** Reads the table again, soon, and until all servers are connected. */
  #refreshSoon(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = nodeTimers
      .setTimeout(() => {
        void this.#refresh()
          .catch(() => {})
          .finally(() => {
            this.#timer = undefined;
            if (this.problem !== undefined) this.#refreshSoon();
          });
      }, REFRESH_INTERVAL_MS)
      .unref();
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#readTable().then(
      (table) => {
        this.#refreshing = undefined;
        this.#apply(table);
      },
      (error: unknown) => {
        this.#refreshing = undefined;
        throw error;
      },
    );
    return this.#refreshing;
  }

  /** Uses a table: connects to its servers and leaves all others. */
  #apply(table: ClusterTable): void {
    if (this.#isClosed) return;
    const names = table.map(nameOf);
    if (names.some((name, slot) => name !== nameOf(this.#table[slot]))) this.#down();
    this.#table = table;
    for (const address of new Set(table)) if (address !== undefined) this.#linkTo(address);
    for (const [name, link] of this.#links) {
      if (names.includes(name)) continue;
      this.#links.delete(name);
      this.#unfit.delete(name);
      this.#closedReconnects += reconnectsOf(link);
      link.close();
    }
    this.#upWhenComplete();
  }

  /**
   * Asks a server that is connected, or else one that the configuration names. The table of a server
   * that must not be used may be outdated, so it is asked last.
   */
  async #readTable(): Promise<ClusterTable> {
    const problems: string[] = [];
    const all = [...this.#connected(), ...this.#named()];
    const isUnfit = ([name]: TableSource): boolean => this.#unfit.has(name);
    const sources = [...all.filter((source) => !isUnfit(source)), ...all.filter(isUnfit)];
    for (const [, ask] of sources) {
      try {
        return await ask();
      } catch (error) {
        problems.push(connectionProblem(error));
      }
    }
    throw new ConnectionLostError(problems.join("; "), false);
  }

  #connected(): TableSource[] {
    const connected = [...this.#links].filter(([, { problem }]) => problem === undefined);
    return connected.map(([name, link]) => [
      name,
      async () => this.#tableOf(await link.connection()),
    ]);
  }

  #named(): TableSource[] {
    return addressesFrom(this.#config).map((address) => [
      formatAddress(address),
      async () => {
        const target = serverTarget(this.#config, address, undefined);
        const connection = await ServerConnection.open(target, NO_EVENTS, this.#clock);
        try {
          return await this.#tableOf(connection);
        } finally {
          connection.close("done");
        }
      },
    ]);
  }

  async #tableOf(connection: ServerConnection): Promise<ClusterTable> {
    try {
      const reply = await connection.sendWithin(this.#timeoutMs, ["CLUSTER", "SLOTS"]);
      return clusterTableFrom(reply, connection.host);
    } catch (error) {
      if (error instanceof ConnectionLostError) throw error;
      throw new ConnectionLostError(`${connection.address} is not part of a cluster`, false);
    }
  }
}

function nameOf(address: ServerAddress | undefined): string {
  return address === undefined ? "" : formatAddress(address);
}

function reconnectsOf(link: ServerLink): number {
  return Math.max(0, link.connections - 1);
}
