import { join } from "node:path";
import { formatFigure, formatRatio } from "../figures/format.js";
import {
  createGetCase,
  createGetManyCase,
  createSetCase,
  type CacheCase,
} from "../load/cache-case.js";
import { findRedis, REDIS_ADVICE, startRedisOnPort } from "../memory/redis-process.js";
import type { Bench, Measurement, Report } from "../measurement.js";
import { nextMessage, startBenchProgram, stopChild } from "../process/child.js";
import { configure, PROVIDER_PROGRAM, startProviderProcess } from "../process/provider-process.js";
import { tempDirectory } from "../process/temp-directory.js";
import type { ServerProcess } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;

/** What is compared, with its title. */
const SERVERS = {
  memory: "memory alone",
  near: "shared, near cache",
  remote: "shared, near: false",
  plain: "plain @redis/client",
} as const;

type Name = keyof typeof SERVERS;
const NAMES = Object.keys(SERVERS) as Name[];

/** Calls to a cache with a server behind it, beside the memory alone and a plain client. */
export const sharedCache: Measurement = {
  name: "shared-cache",
  summary: "a provider with a Redis behind it, beside the memory alone",
  async measure(bench) {
    const redis = findRedis();
    if (redis === undefined) return reportOf([], [REDIS_ADVICE]);
    const server = await startRedisOnPort(bench.cores.load);
    const processes: ServerProcess<Name>[] = [];
    try {
      for (const name of NAMES) processes.push(await startNamed(name, server.url, bench));
      const cases: CacheCase[] = [
        createGetCase("Get 100 B", VALUE_BYTES),
        createSetCase("Set 100 B", VALUE_BYTES),
        createGetManyCase("GetMany of 100", 100, VALUE_BYTES),
      ];
      const rows: string[][] = [];
      for (const each of cases) {
        const { callsPerSecond } = await compareServers(bench, processes, each, USUAL_SHAPE);
        rows.push([
          each.title,
          ...NAMES.map((name) => formatFigure(callsPerSecond.median(name))),
          formatRatio(callsPerSecond.ratio("near", "memory")),
          formatRatio(callsPerSecond.ratio("remote", "plain")),
        ]);
      }
      return reportOf(rows, [`${redis} on loopback, on the core of the load.`]);
    } finally {
      for (const each of processes) await each.stop();
      await server.stop();
    }
  },
};

function reportOf(rows: readonly (readonly string[])[], notes: readonly string[]): Report {
  return {
    title: "Shared cache",
    explanation:
      "Calls per second with a Redis behind the provider, over a Unix socket on 4 connections with " +
      "16 calls in flight each. Medians of the rounds. With the near cache, every read is a hit in it.",
    columns: ["call", ...NAMES.map((name) => SERVERS[name]), "near to memory", "remote to plain"],
    rows,
    notes,
    figures: rows,
  };
}

async function startNamed(name: Name, url: string, bench: Bench): Promise<ServerProcess<Name>> {
  const core = bench.cores.server;
  if (name === "plain") {
    const socketPath = join(tempDirectory(), "x.sock");
    const args = [socketPath, url];
    const child = startBenchProgram("servers/plain-client-program", args, { core });
    await nextMessage(child);
    return { name, socketPath, pid: child.pid ?? 0, stop: () => stopChild(child) };
  }
  const provider = await startProviderProcess(process.execPath, [PROVIDER_PROGRAM], core);
  const shared = { url, near: name === "near", keyPrefix: `${name}:` };
  await configure(provider.connection, name === "memory" ? {} : { shared });
  return { ...provider, name };
}
