import { formatFigure, formatMs } from "../figures/format.js";
import { RoundRecorder } from "../figures/rounds.js";
import { runRedisBenchmark } from "../load/redis-benchmark.js";
import type { Measurement, Report } from "../measurement.js";
import { findRedis, REDIS_ADVICE, startRedis } from "../memory/redis-process.js";

const VALUE_BYTES = 100;

/** As many calls in flight as the servers of this package get, and one at a time. */
const CONNECTIONS = [64, 1];

/** About as many calls as a server in C answers in a second. */
const CALLS_PER_SECOND = 50_000;

/** A Redis on its Unix socket, with its own protocol and load program. */
export const redisOrientation: Measurement = {
  name: "redis",
  summary: "a Redis, measured with its own load program, for orientation",
  async measure(bench) {
    const redis = findRedis();
    if (redis === undefined) return reportOf([], [REDIS_ADVICE]);
    const server = await startRedis(bench.cores.server);
    const rates = new RoundRecorder();
    const p50 = new RoundRecorder();
    const p99 = new RoundRecorder();
    const calls = Math.round(CALLS_PER_SECOND * bench.seconds);
    try {
      for (let round = 0; round < bench.rounds; round++) {
        for (const connections of CONNECTIONS) {
          bench.progress(`Redis: round ${round + 1}/${bench.rounds}, ${connections} connections`);
          const { socketPath } = server;
          const load = { socketPath, connections, calls, valueBytes: VALUE_BYTES };
          for (const figures of await runRedisBenchmark(load, bench.cores.load)) {
            const name = nameOf(figures.command, connections);
            rates.record(name, figures.callsPerSecond);
            p50.record(name, figures.p50Ms);
            p99.record(name, figures.p99Ms);
          }
        }
      }
    } finally {
      await server.stop();
    }
    const rows = [...rates.figures.keys()].map((name) => [
      name,
      formatFigure(rates.median(name)),
      formatMs(p50.median(name)),
      formatMs(p99.median(name)),
    ]);
    return reportOf(rows, [redis], { callsPerSecond: rates, p50Ms: p50, p99Ms: p99 });
  },
};

function nameOf(command: string, connections: number): string {
  return `${command}, ${connections === 1 ? "1 connection" : `${connections} connections`}`;
}

function reportOf(
  rows: readonly (readonly string[])[],
  notes: readonly string[],
  figures: unknown = {},
): Report {
  return {
    title: "Redis, for orientation",
    explanation:
      "Values of 100 B over a Unix socket, with redis-benchmark: another protocol and another load " +
      "program, and one call in flight on each connection. Compare the order of magnitude.",
    columns: ["command", "calls/s", "p50", "p99"],
    rows,
    notes,
    figures,
  };
}
