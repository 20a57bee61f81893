import { formatFigure, formatRatio } from "../figures/format.js";
import type { RoundRecorder } from "../figures/rounds.js";
import {
  createGetCase,
  createGetManyCase,
  createSetCase,
  createSetManyCase,
} from "../load/cache-case.js";
import type { Measurement } from "../measurement.js";
import { CONTESTANT_TITLES, CONTESTANTS } from "../servers/contestant.js";
import { withServerProcesses } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;
const SINGLES = [createGetCase("Get", VALUE_BYTES), createSetCase("Set", VALUE_BYTES)];
const BATCHES = [100, 1_000].flatMap((keys) => [
  createGetManyCase(`GetMany of ${keys}`, keys, VALUE_BYTES),
  createSetManyCase(`SetMany of ${keys}`, keys, VALUE_BYTES),
]);

/** Keys per second when many go in one call, beside one key a call. */
export const batches: Measurement = {
  name: "batches",
  measure: (bench) =>
    withServerProcesses(CONTESTANTS, bench.cores.server, async (servers) => {
      const found = new Map<string, RoundRecorder>();
      for (const cacheCase of [...SINGLES, ...BATCHES]) {
        found.set(cacheCase.title, await compareServers(bench, servers, cacheCase, USUAL_SHAPE));
      }
      const keysPerSecond = (title: string, keys: number, contestant: string): number =>
        keys * (found.get(title)?.median(contestant) ?? Number.NaN);
      return {
        title: "Batches",
        explanation:
          "Values of 100 B, 4 connections x 16 streams: keys per second, and how many times the " +
          "same server's keys per second with one key a call that is. Medians of the rounds.",
        columns: ["call", ...CONTESTANTS.map((name) => CONTESTANT_TITLES[name]), "aim"],
        rows: [...SINGLES, ...BATCHES].map(({ title, keysPerCall }) => [
          title,
          ...CONTESTANTS.map((contestant) => {
            const keys = keysPerSecond(title, keysPerCall, contestant);
            if (keysPerCall === 1) return formatFigure(keys);
            const single = keysPerSecond(title.slice(0, 3), 1, contestant);
            return `${formatFigure(keys)} (${formatRatio(keys / single)})`;
          }),
          keysPerCall === 1 ? "" : "10x",
        ]),
        notes: [],
        figures: { callsPerSecond: Object.fromEntries(found) },
      };
    }),
};
