import { formatFigure, formatMiB } from "../figures/format.js";
import { RoundRecorder } from "../figures/rounds.js";
import { createGetCase, createSetCase, type CacheCase } from "../load/cache-case.js";
import type { LoadShape } from "../load/calibrated-load.js";
import { serverOptions, type Bench, type Measurement } from "../measurement.js";
import { residentBytes, watchPeakResident } from "../process/resident-memory.js";
import { CONTESTANT_TITLES } from "../servers/contestant.js";
import { withServers } from "../servers/server-process.js";
import { compareServers } from "./compare-servers.js";

/** Few calls in flight: what these move is bytes. */
const SHAPE: LoadShape = { connections: 4, streams: 4 };

const SIZES = [
  ["64 KiB", 64 * 2 ** 10],
  ["1 MiB", 2 ** 20],
] as const;

interface CaseFigures {
  readonly megabytesPerSecond: RoundRecorder;
  readonly idleResidentBytes: Readonly<Record<string, number>>;
  readonly peakResidentBytes: Readonly<Record<string, number>>;
}

/** How fast large values move, and the memory that it takes to move them. */
export const largeValues: Measurement = {
  name: "values",
  summary: "throughput and resident memory with values of 64 KiB and 1 MiB",
  async measure(bench) {
    const rows: string[][] = [];
    const figures: Record<string, CaseFigures> = {};
    const sizes = bench.quick ? SIZES.slice(0, 1) : SIZES;
    const cases = sizes.flatMap(([size, bytes]) => [
      createGetCase(`Get ${size}`, bytes),
      createSetCase(`Set ${size}`, bytes),
    ]);
    for (const cacheCase of cases) {
      const found = await measureCase(bench, cacheCase);
      figures[cacheCase.title] = found;
      for (const contestant of bench.contestants) {
        rows.push([
          cacheCase.title,
          CONTESTANT_TITLES[contestant],
          formatFigure(found.megabytesPerSecond.median(contestant)),
          formatMiB(found.idleResidentBytes[contestant] ?? Number.NaN),
          formatMiB(found.peakResidentBytes[contestant] ?? Number.NaN),
        ]);
      }
    }
    return {
      title: "Large values",
      explanation:
        "4 connections with 4 calls in flight each. Megabytes (10^6 bytes) of values per second, " +
        "medians of the rounds; and the resident memory of the server process, before the load " +
        "and at its peak.",
      columns: ["call", "server", "MB/s", "resident before", "resident peak"],
      rows,
      notes: [],
      figures,
    };
  },
};

/** Each case gets fresh servers, so that no peak is another case's. */
function measureCase(bench: Bench, cacheCase: CacheCase): Promise<CaseFigures> {
  return withServers(bench.contestants, serverOptions(bench), async (servers) => {
    const idleResidentBytes = perContestant(servers, ({ pid }) => residentBytes(pid));
    const peaks = perContestant(servers, ({ pid }) => watchPeakResident(pid));
    const { callsPerSecond } = await compareServers(bench, servers, cacheCase, SHAPE);
    const megabytesPerSecond = new RoundRecorder();
    for (const [contestant, values] of callsPerSecond.figures) {
      for (const value of values) {
        megabytesPerSecond.record(contestant, (value * cacheCase.valueBytesPerCall) / 1e6);
      }
    }
    const peakResidentBytes = perContestant(servers, ({ name }) => {
      return peaks[name]?.() ?? Number.NaN;
    });
    return { megabytesPerSecond, idleResidentBytes, peakResidentBytes };
  });
}

function perContestant<Server extends { readonly name: string }, Value>(
  servers: readonly Server[],
  valueOf: (server: Server) => Value,
): Record<string, Value> {
  return Object.fromEntries(servers.map((server) => [server.name, valueOf(server)]));
}
