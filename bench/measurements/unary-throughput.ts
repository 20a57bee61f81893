import { formatFigure, formatRatio } from "../figures/format.js";
import { createGetCase, createSetCase, type CacheCase } from "../load/cache-case.js";
import { serverOptions, type Measurement } from "../measurement.js";
import { CONTESTANT_TITLES, type Contestant } from "../servers/contestant.js";
import { withServers } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

const VALUE_BYTES = 100;

/** What this provider should reach. */
const AIMS: Partial<Record<Contestant, string>> = {
  node: "1.05x floor, 1.4x grpc-js",
  executable: "0.75x grpc-go",
};

/** The servers that the others are compared with. */
const YARDSTICKS = ["floor", "grpc-js", "grpc-go"] as const;

/** Get of a small value, as many a second as one core serves. */
export const getThroughput = unaryThroughput("get", () => createGetCase("Get 100 B", VALUE_BYTES));

/** Set of a small value, likewise. */
export const setThroughput = unaryThroughput("set", () => createSetCase("Set 100 B", VALUE_BYTES));

function unaryThroughput(name: string, createCase: () => CacheCase): Measurement {
  return {
    name,
    summary: `calls per second of ${name === "get" ? "Get" : "Set"}, beside other servers`,
    measure: (bench) =>
      withServers(bench.contestants, serverOptions(bench), async (servers) => {
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
            "The same call, repeated over a Unix socket on 4 connections with 16 calls in flight " +
            "each. Medians of the rounds. The columns `to …` are ratios to the calls per second of " +
            "another server: the median of the ratios within the rounds. CPU is the processor time " +
            "of the server process.",
          columns: [
            "server",
            "calls/s",
            "slowest to fastest round",
            ...YARDSTICKS.map((name) => `to ${name}`),
            "aim",
            "CPU per call",
          ],
          rows: bench.contestants.map((contestant) => [
            CONTESTANT_TITLES[contestant],
            formatFigure(callsPerSecond.median(contestant)),
            callsPerSecond.spread(contestant, formatFigure),
            ...YARDSTICKS.map((yardstick) =>
              bench.contestants.includes(yardstick)
                ? formatRatio(callsPerSecond.ratio(contestant, yardstick))
                : "",
            ),
            AIMS[contestant] ?? "",
            `${formatFigure(cpuUsPerCall.median(contestant))} µs`,
          ]),
          notes: [],
          figures: { callsPerSecond, cpuUsPerCall },
        };
      }),
  };
}
