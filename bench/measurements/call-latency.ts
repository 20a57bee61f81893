import { formatMs, formatRatio } from "../figures/format.js";
import { percentile } from "../figures/percentiles.js";
import { RoundRecorder } from "../figures/rounds.js";
import { createGetCase } from "../load/cache-case.js";
import { serverOptions, type Measurement } from "../measurement.js";
import { CONTESTANT_TITLES } from "../servers/contestant.js";
import { withServers } from "../servers/server-process.js";
import { compareServers, SINGLE_SHAPE } from "./compare-servers.js";

/** How long a Get takes when it is the only one. */
export const callLatency: Measurement = {
  name: "latency",
  summary: "how long one Get takes when no other call is in flight",
  measure: (bench) =>
    withServers(bench.contestants, serverOptions(bench), async (servers) => {
      const p50 = new RoundRecorder();
      const p99 = new RoundRecorder();
      const cacheCase = createGetCase("One Get at a time", 100);
      await compareServers(bench, servers, cacheCase, SINGLE_SHAPE, (server, { latenciesMs }) => {
        p50.record(server.name, percentile(latenciesMs, 0.5));
        p99.record(server.name, percentile(latenciesMs, 0.99));
      });
      return {
        title: cacheCase.title,
        explanation:
          "Get of 100 B on one connection; each call starts when the one before is answered. " +
          "Medians of the rounds' percentiles.",
        columns: ["server", "p50", "p99", "p50 to floor", "p99 to floor", "aim"],
        rows: bench.contestants.map((contestant) => [
          CONTESTANT_TITLES[contestant],
          formatMs(p50.median(contestant)),
          formatMs(p99.median(contestant)),
          formatRatio(p50.ratio(contestant, "floor")),
          formatRatio(p99.ratio(contestant, "floor")),
          contestant === "node" ? "p50 at most 1.00x" : "",
        ]),
        notes: [],
        figures: { p50Ms: p50, p99Ms: p99 },
      };
    }),
};
