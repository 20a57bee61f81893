import { join } from "node:path";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import {
  DEFAULT_MEMORY_CACHE_CONFIG,
  DEFAULT_STORE,
} from "../../src/memory/config/memory-cache-config.js";
import type { CacheStatistics } from "../../src/memory/statistics.js";
import { ask, nextMessage, startBenchProgram, stopChild } from "../process/child.js";
import { tempDirectory } from "../process/temp-directory.js";
import type { Contestant } from "./contestant.js";

/** What a server process says once it accepts, and whenever it is asked anything. */
export interface ServerAnswer {
  readonly statistics: CacheStatistics;
  /** Time that the process has spent on a core so far, in microseconds. */
  readonly cpuUs: number;
}

/** A server to start. */
export interface ServerStart {
  /** What its figures are recorded under. */
  readonly name: string;
  readonly contestant: Contestant;
  /** By default the provider's own, lru. */
  readonly store?: StoreKind;
  /** The bound of its cache; by default the provider's own. */
  readonly maxBytes?: number;
}

/** A server that runs in a process of its own and accepts calls. */
export interface ServerProcess {
  readonly name: string;
  readonly socketPath: string;
  readonly pid: number;
  report(): Promise<ServerAnswer>;
  stop(): Promise<void>;
}

/** Starts a server. */
async function startServerProcess(
  start: ServerStart,
  core: number | undefined,
): Promise<ServerProcess> {
  const { name, contestant, store = DEFAULT_STORE } = start;
  const { maxBytes = DEFAULT_MEMORY_CACHE_CONFIG.maxBytes } = start;
  const socketPath = join(tempDirectory(), "x.sock");
  const args = [contestant, socketPath, String(maxBytes), store];
  const child = startBenchProgram("servers/contestant-program", args, { core });
  await nextMessage<ServerAnswer>(child);
  return {
    name,
    socketPath,
    pid: child.pid ?? 0,
    report: () => ask<ServerAnswer>(child, {}),
    stop: () => stopChild(child),
  };
}

/** Starts all the contestants, runs `use`, and stops them whatever comes of it. */
export function withContestants<Result>(
  contestants: readonly Contestant[],
  core: number | undefined,
  use: (servers: readonly ServerProcess[]) => Promise<Result>,
  maxBytes?: number,
): Promise<Result> {
  const limits = maxBytes === undefined ? {} : { maxBytes };
  const starts = contestants.map((contestant) => ({ name: contestant, contestant, ...limits }));
  return withServerProcesses(starts, core, use);
}

/** Starts servers, runs `use`, and stops them whatever comes of it. */
export async function withServerProcesses<Result>(
  starts: readonly ServerStart[],
  core: number | undefined,
  use: (servers: readonly ServerProcess[]) => Promise<Result>,
): Promise<Result> {
  const servers: ServerProcess[] = [];
  try {
    for (const start of starts) servers.push(await startServerProcess(start, core));
    return await use(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
