import { formatFigure, formatRatio } from "../figures/format.js";
import { createGetCase, createSetCase, type CacheCase } from "../load/cache-case.js";
import type { Measurement } from "../measurement.js";
import { CONTESTANT_TITLES } from "../servers/contestant.js";
import { withContestants } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;

/** What this server should reach, as a multiple of each other one. */
const AIMS: Readonly<Record<string, string>> = { connect: "7x", "grpc-js": "1.2x", floor: "0.9x" };

/** Get of a small value, as many a second as one core serves. */
export const getThroughput = unaryThroughput("get", () => createGetCase("Get 100 B", VALUE_BYTES));

/** Set of a small value, likewise. */
export const setThroughput = unaryThroughput("set", () => createSetCase("Set 100 B", VALUE_BYTES));

function unaryThroughput(name: string, createCase: () => CacheCase): Measurement {
  return {
    name,
    measure: (bench) =>
      withContestants(bench.contestants, bench.cores.server, async (servers) => {
        const cacheCase = createCase();
        const { callsPerSecond, cpuUsPerCall } = await compareServers(
          bench,
          servers,
          cacheCase,
          USUAL_SHAPE,
        );
        return {
          title: cacheCase.title,
          explanation:
            "The same call over and over on 4 connections x 16 streams, Unix socket, all servers " +
            "carrying the same store. Medians of the rounds; CPU is the server process's.",
          columns: ["server", "calls/s", "rounds", "this server is", "aim", "CPU a call"],
          rows: bench.contestants.map((contestant) => [
            CONTESTANT_TITLES[contestant],
            formatFigure(callsPerSecond.median(contestant)),
            callsPerSecond.spread(contestant, formatFigure),
            contestant === "lean" ? "" : formatRatio(callsPerSecond.ratio("lean", contestant)),
            AIMS[contestant] ?? "",
            `${formatFigure(cpuUsPerCall.median(contestant))} µs`,
          ]),
          notes: [],
          figures: { callsPerSecond, cpuUsPerCall },
        };
      }),
  };
}
