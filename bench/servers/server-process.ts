import { join } from "node:path";
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

/** A contestant that runs in a process of its own and accepts calls. */
export interface ServerProcess {
  readonly contestant: Contestant;
  readonly socketPath: string;
  readonly pid: number;
  report(): Promise<ServerAnswer>;
  stop(): Promise<void>;
}

/** The bound of a contestant's cache unless a measurement wants another; the provider's own default. */
const DEFAULT_MAX_BYTES = 64 * 2 ** 20;

/** Starts a contestant. */
async function startServerProcess(
  contestant: Contestant,
  core: number | undefined,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<ServerProcess> {
  const socketPath = join(tempDirectory(), "x.sock");
  const args = [contestant, socketPath, String(maxBytes)];
  const child = startBenchProgram("servers/contestant-program", args, { core });
  await nextMessage<ServerAnswer>(child);
  return {
    contestant,
    socketPath,
    pid: child.pid ?? 0,
    report: () => ask<ServerAnswer>(child, {}),
    stop: () => stopChild(child),
  };
}

/** Starts all the contestants, runs `use`, and stops them whatever comes of it. */
export async function withServerProcesses<Result>(
  contestants: readonly Contestant[],
  core: number | undefined,
  use: (servers: readonly ServerProcess[]) => Promise<Result>,
  maxBytes?: number,
): Promise<Result> {
  const servers: ServerProcess[] = [];
  try {
    for (const contestant of contestants) {
      servers.push(await startServerProcess(contestant, core, maxBytes));
    }
    return await use(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
