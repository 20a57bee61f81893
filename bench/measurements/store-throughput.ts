import { formatFigure, formatRatio } from "../figures/format.js";
import { createGetCase, createSetCase } from "../load/cache-case.js";
import type { Measurement } from "../measurement.js";
import { STORE_KINDS } from "../../src/memory/config/config-schema.js";
import { withServerProcesses } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;

/** Get and Set over gRPC with each of the two stores, in one run. */
export const storeThroughput: Measurement = {
  name: "stores",
  measure: (bench) => {
    const starts = STORE_KINDS.map(
      (store) => ({ name: store, contestant: "lean", store }) as const,
    );
    return withServerProcesses(starts, bench.cores.server, async (servers) => {
      const cases = [
        createGetCase("Get 100 B", VALUE_BYTES),
        createSetCase("Set 100 B", VALUE_BYTES),
      ];
      const rows: string[][] = [];
      const figures: Record<string, object> = {};
      for (const cacheCase of cases) {
        const compared = await compareServers(bench, servers, cacheCase, USUAL_SHAPE);
        const { callsPerSecond, cpuUsPerCall } = compared;
        figures[cacheCase.title] = compared;
        rows.push([
          cacheCase.title,
          ...STORE_KINDS.map((store) => formatFigure(callsPerSecond.median(store))),
          formatRatio(callsPerSecond.ratio("lru", "blocks")),
          ...STORE_KINDS.map((store) => `${formatFigure(cpuUsPerCall.median(store))} µs`),
        ]);
      }
      return {
        title: "Both stores over gRPC",
        explanation:
          "This server with each store: the same call over and over on 4 connections x 16 streams, " +
          "Unix socket. Calls per second, medians of the rounds; CPU is the server process's.",
        columns: [
          "call",
          "lru",
          "blocks",
          "lru to blocks",
          "lru: CPU a call",
          "blocks: CPU a call",
        ],
        rows,
        notes: [],
        figures,
      };
    });
  },
};
