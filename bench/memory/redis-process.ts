import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createKey, createValue } from "../figures/random.js";
import type { Filling } from "../load/fill.js";
import { startProgram, stopChild } from "../process/child.js";
import { connectWhenAccepting } from "../process/connect-when-accepting.js";
import { tempDirectory } from "../process/temp-directory.js";

/** How to install Redis for the comparison. */
export const REDIS_ADVICE =
  "redis-server is not installed, so there are no figures for comparison (Debian, Ubuntu: " +
  "apt-get install redis-server; Fedora: dnf install redis; macOS: brew install redis)";

/** Redis's reply to a successful SET. */
const SET_REPLY = "+OK\r\n";

/** The bytes of commands that are sent before waiting for their replies. */
const PIPELINE_BYTES = 2 ** 20;

/** A Redis server without a bound and without persistence. */
export interface RedisProcess {
  readonly pid: number;
  readonly socketPath: string;
  /** Writes the entries that `fill` writes. */
  fill(filling: Filling): Promise<void>;
  stop(): Promise<void>;
}

/** Name and version of the installed Redis; undefined when there is none. */
export function findRedis(): string | undefined {
  const { status, stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  if (status !== 0) return undefined;
  return `Redis ${/v=(\S+)/.exec(stdout)?.[1] ?? "of unknown version"}`;
}

/** Starts a Redis server on its own socket. */
export async function startRedis(core: number | undefined): Promise<RedisProcess> {
  const directory = tempDirectory();
  const socketPath = join(directory, "redis.sock");
  const settings = ["--port", "0", "--unixsocket", socketPath, "--save", "", "--appendonly", "no"];
  const child = startProgram("redis-server", [...settings, "--dir", directory], { core });
  const socket = await connectWhenAccepting(socketPath);
  return {
    pid: child.pid ?? 0,
    socketPath,
    fill: (filling) => fillRedis(socket, filling),
    stop() {
      socket.destroy();
      return stopChild(child);
    },
  };
}

/** Starts a Redis on a loopback port that was free just now. */
export async function startRedisOnPort(
  core: number | undefined,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", ""];
  const child = startProgram("redis-server", [...settings, "--dir", tempDirectory()], { core });
  await waitForPort(port);
  return { url: `redis://127.0.0.1:${port}`, stop: () => stopChild(child) };
}

async function waitForPort(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await delay(20);
    } finally {
      socket.destroy();
    }
  }
}

async function fillRedis(socket: Socket, { entries, valueBytes }: Filling): Promise<void> {
  const value = Buffer.from(createValue(valueBytes));
  let commands: Buffer[] = [];
  let bytes = 0;
  for (let index = 0; index < entries; index++) {
    const command = setCommand(createKey(index), value);
    commands.push(command);
    bytes += command.length;
    if (bytes >= PIPELINE_BYTES || index === entries - 1) {
      socket.write(Buffer.concat(commands));
      await readReplies(socket, commands.length);
      commands = [];
      bytes = 0;
    }
  }
}

/** A SET in Redis's protocol: the number of arguments, then each with its length. */
function setCommand(key: string, value: Buffer): Buffer {
  const head = `*3\r\n$3\r\nSET\r\n$${Buffer.byteLength(key)}\r\n${key}\r\n$${value.length}\r\n`;
  return Buffer.concat([Buffer.from(head), value, Buffer.from("\r\n")]);
}

async function readReplies(socket: Socket, count: number): Promise<void> {
  let text = "";
  while (text.length < count * SET_REPLY.length) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString("latin1");
    if (text.includes("-")) throw new Error(`redis-server: ${text.slice(text.indexOf("-"))}`);
  }
}
