import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@redis/client";
import { describe } from "vitest";

/** The program that the tests start; undefined when none is installed. */
const PROGRAM = ["valkey-server", "redis-server"].find(
  (program) => spawnSync(program, ["--version"]).status === 0,
);

if (PROGRAM === undefined) {
  console.warn(
    "neither valkey-server nor redis-server is installed, so tests of the shared cache are " +
      "skipped (Debian, Ubuntu: apt-get install redis-server)",
  );
}

/** Whether tests can start a server. */
const hasServer = PROGRAM !== undefined;

/** `describe` for tests that need a real server. */
export const describeWithServer = hasServer ? describe : describe.skip;

/** A client of somebody else, with texts as texts. */
export type PlainClient = Awaited<ReturnType<RunningServer["client"]>>;

/** A server of its own process, on a loopback port. */
export class RunningServer {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #directory: string;
  #child: ChildProcess | undefined;

  constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
    this.#directory = mkdtempSync(join(tmpdir(), "gcm-redis-"));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A configuration file in the server's directory. */
  writeFile(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** Starts the process, and waits until it accepts commands. */
  async start(): Promise<this> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#directory];
    const isSentinel = this.#args[0]?.endsWith(".conf") === true;
    const args = isSentinel ? this.#args : [...own, "--save", "", ...this.#args];
    const child = spawn(PROGRAM ?? "", args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    for (let attempt = 0; attempt < 200; attempt++) {
      if (child.exitCode !== null) throw new Error(`the server has ended: ${output}`);
      if (await accepts(this.port)) return this;
      await delay(25);
    }
    throw new Error(`the server does not accept connections: ${output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills the process; `start` starts it again, empty. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async client(password?: string) {
    const client = createClient({
      url: this.url,
      ...(password === undefined ? {} : { password }),
      socket: { reconnectStrategy: false },
    });
    client.on("error", () => {});
    await client.connect();
    return client;
  }
}

/** Starts one server. */
export async function startServer(...args: string[]): Promise<RunningServer> {
  return new RunningServer(await freePort(), args).start();
}

/** Primary, replica and sentinels. */
export interface RunningSentinels {
  readonly primary: RunningServer;
  readonly replica: RunningServer;
  readonly sentinels: readonly RunningServer[];
  stop(): Promise<void>;
}

/** The name by which {@link startSentinels} watches its primary. */
export const PRIMARY_NAME = "the-primary";

/** Starts a primary with a replica, and three sentinels that watch them. */
export async function startSentinels(): Promise<RunningSentinels> {
  const primary = await startServer();
  const replica = await startServer("--replicaof", "127.0.0.1", String(primary.port));
  const sentinels: RunningServer[] = [];
  for (let count = 0; count < 3; count++) {
    const port = await freePort();
    const args: string[] = [];
    const sentinel = new RunningServer(port, args);
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primary.port} 2`,
      `sentinel down-after-milliseconds ${PRIMARY_NAME} 500`,
      `sentinel failover-timeout ${PRIMARY_NAME} 3000`,
    ];
    args.push(sentinel.writeFile("sentinel.conf", `${lines.join("\n")}\n`), "--sentinel");
    sentinels.push(await sentinel.start());
  }
  const watcher = await sentinels[0]?.client();
  for (let attempt = 0; attempt < 200; attempt++) {
    const known = (await watcher?.sendCommand(["SENTINEL", "MASTER", PRIMARY_NAME])) as unknown;
    const text = JSON.stringify(known);
    if (
      /"num-slaves":"1"|"num-slaves","1"/.test(text) &&
      /num-other-sentinels"[:,]"2"/.test(text)
    ) {
      break;
    }
    await delay(50);
  }
  watcher?.destroy();
  const stop = async (): Promise<void> => {
    for (const each of [...sentinels, replica, primary]) await each.stop();
  };
  return { primary, replica, sentinels, stop };
}

/** Starts a cluster of one primary, which holds all slots. */
export async function startClusterOfOne(password?: string): Promise<RunningServer> {
  const secured = password === undefined ? [] : ["--requirepass", password];
  const args = ["--cluster-enabled", "yes", ...secured];
  const node = await new RunningServer(await freePort(12_000, 22_000), args).start();
  const client = await node.client(password);
  await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
  for (let attempt = 0; ; attempt++) {
    const info = JSON.stringify(await client.sendCommand(["CLUSTER", "INFO"]));
    if (info.includes("cluster_state:ok")) break;
    if (attempt > 400) throw new Error("the cluster does not come up");
    await delay(25);
  }
  client.destroy();
  return node;
}

/** Starts a cluster of three primaries, and a replica of each if wanted. */
export async function startCluster({ hasReplicas = false } = {}): Promise<RunningServer[]> {
  const nodes: RunningServer[] = [];
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];
  for (let count = 0; count < (hasReplicas ? 6 : 3); count++) {
    // The port of the cluster's bus is 10,000 above this one.
    const port = await freePort(12_000, 22_000);
    nodes.push(await new RunningServer(port, settings).start());
  }
  const clients = await Promise.all(nodes.map((node) => node.client()));
  const ask = (at: number, ...command: string[]): Promise<unknown> =>
    clients[at]?.sendCommand(command) ?? Promise.reject(new Error("no such node"));
  const bounds = [0, 5461, 10_923, 16_384];
  for (const at of [0, 1, 2]) {
    const [from = 0, to = 0] = bounds.slice(at, at + 2);
    await ask(at, "CLUSTER", "ADDSLOTSRANGE", String(from), String(to - 1));
    await ask(at, "CLUSTER", "SET-CONFIG-EPOCH", String(at + 1));
  }
  for (const node of nodes.slice(1))
    await ask(0, "CLUSTER", "MEET", "127.0.0.1", String(node.port));
  const untilAll = async (isReady: (at: number) => Promise<boolean>): Promise<void> => {
    for (const at of nodes.keys()) {
      for (let attempt = 0; !(await isReady(at)); attempt++) {
        if (attempt > 400) throw new Error("the cluster does not come up");
        await delay(25);
      }
    }
  };
  await untilAll(async (at) => {
    const info = String(await ask(at, "CLUSTER", "INFO"));
    return info.includes(`cluster_known_nodes:${nodes.length}`);
  });
  if (hasReplicas) {
    for (const at of [0, 1, 2]) {
      await ask(at + 3, "CLUSTER", "REPLICATE", String(await ask(at, "CLUSTER", "MYID")));
    }
  }
  await untilAll(async (at) => {
    const info = String(await ask(at, "CLUSTER", "INFO"));
    const replicated = at < 3 || /master_link_status:up/.test(String(await ask(at, "INFO")));
    return info.includes("cluster_state:ok") && replicated;
  });
  for (const client of clients) client.destroy();
  return nodes;
}

async function accepts(port: number): Promise<boolean> {
  const client = createClient({
    socket: { host: "127.0.0.1", port, reconnectStrategy: false },
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    return error instanceof Error && /NOAUTH/.test(error.message);
  } finally {
    client.destroy();
  }
}

/** A port that nothing listens on now. */
async function freePort(from = 20_000, to = 60_000): Promise<number> {
  for (;;) {
    const port = from + Math.floor(Math.random() * (to - from));
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    } catch {
      // Somebody listens.
    } finally {
      server.close();
    }
  }
}
