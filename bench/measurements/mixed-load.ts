import { formatMs } from "../figures/format.js";
import { percentile } from "../figures/percentiles.js";
import { measureInRounds, RoundRecorder } from "../figures/rounds.js";
import { fill } from "../load/fill.js";
import { connectGrpc } from "../load/grpc-connection.js";
import { runOpenLoop } from "../load/open-loop.js";
import { serverOptions, type Bench, type Measurement } from "../measurement.js";
import { CONTESTANT_TITLES, type Contestant } from "../servers/contestant.js";
import { withServers, type ServerProcess } from "../servers/server-process.js";

/** Small enough that most writes evict. */
const MAX_BYTES = 16 * 2 ** 20;

/** About half of what the slowest server can do, the same for all. */
const CALLS_PER_SECOND = 2_500;

/** A thousandth needs thousands of calls, so these runs are longer than others. */
const LENGTH_FACTOR = 5;

const QUANTILES = { p50: 0.5, p99: 0.99, "p99.9": 0.999 } as const;

/** How long calls take when the cache is full, evicting and expiring. */
export const mixedLoad: Measurement = {
  name: "mixed",
  summary: "latencies while the cache is full, evicts and expires entries",
  measure: (bench) =>
    withServers(
      contestantsOf(bench),
      { ...serverOptions(bench), maxBytes: MAX_BYTES },
      async (servers) => {
        const run = (server: ServerProcess, seconds: number, seed: number) =>
          runOpenLoop(
            {
              socketPath: server.socketPath,
              calls: { kind: "mixed" },
              callsPerSecond: CALLS_PER_SECOND,
              seconds,
              seed,
            },
            bench.cores.load,
          );
        for (const server of servers) {
          bench.progress(`Mixed load: filling and warming up ${server.name}`);
          await fillTwice(server);
          await run(server, bench.seconds, 0);
        }
        const found = Object.fromEntries(
          Object.keys(QUANTILES).map((name) => [name, new RoundRecorder()]),
        );
        await measureInRounds(servers, bench.rounds, async (server, round) => {
          bench.progress(`Mixed load: round ${round + 1}/${bench.rounds}, ${server.name}`);
          const { latenciesMs } = await run(server, bench.seconds * LENGTH_FACTOR, round + 1);
          for (const [name, quantile] of Object.entries(QUANTILES)) {
            found[name]?.record(server.name, percentile(latenciesMs, quantile));
          }
        });
        return {
          title: "Mixed load, evicting and expiring",
          explanation:
            `${CALLS_PER_SECOND} calls per second, due at fixed times whatever the server does, on ` +
            "4 connections: 75 % Get, 20 % Set (half with a TTL below 2 s), 5 % batches of 20; " +
            "100,000 keys, values up to 2,000 B, cache full at 16 MiB. Medians of the rounds.",
          columns: ["server", ...Object.keys(QUANTILES)],
          rows: contestantsOf(bench).map((contestant) => [
            CONTESTANT_TITLES[contestant],
            ...Object.values(found).map((recorder) => formatMs(recorder.median(contestant))),
          ]),
          notes: ["The client is a Node process: its own pauses are in all of these figures."],
          figures: { latencyMs: found },
        };
      },
    ),
};

/** The grpc-go server has neither a bound nor TTLs, and no batches of deletions. */
function contestantsOf({ contestants }: Bench): readonly Contestant[] {
  return contestants.filter((name) => name !== "grpc-go");
}

/** Twice the bound, so that the cache is full and past its first evictions. */
async function fillTwice(server: ServerProcess): Promise<void> {
  const connection = connectGrpc(server.socketPath);
  const valueBytes = 1_000;
  await fill(connection, { entries: Math.ceil((2 * MAX_BYTES) / valueBytes), valueBytes });
  connection.close();
}
