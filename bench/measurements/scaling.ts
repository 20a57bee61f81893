import { formatFigure } from "../figures/format.js";
import { percentile } from "../figures/percentiles.js";
import { measureInRounds, RoundRecorder } from "../figures/rounds.js";
import { createGetCase, createSetCase, type CacheCase } from "../load/cache-case.js";
import type { LoadShape } from "../load/calibrated-load.js";
import { fill } from "../load/fill.js";
import { connectGrpc } from "../load/grpc-connection.js";
import { runOpenLoop } from "../load/open-loop.js";
import { serverOptions, type Bench, type Measurement } from "../measurement.js";
import { cpuTimeUs } from "../process/cpu-time.js";
import type { LineChart } from "../report/line-chart.js";
import { CONTESTANT_TITLES, type Contestant } from "../servers/contestant.js";
import { withServers } from "../servers/server-process.js";
import { compareServers, USUAL_SHAPE } from "./compare-servers.js";

/** What is plotted: this provider in its forms, and the floor. */
const PLOTTED: readonly Contestant[] = ["node", "blocks", "executable", "floor"];

const VALUE_BYTES = 100;
const READS_PER_SECOND = 5_000;
/** The last is more than the default bound holds in the lru store, so it is full. */
const ENTRIES = [1_000, 10_000, 100_000, 200_000];
const VALUE_SIZES = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const CONNECTIONS = [1, 4, 16, 64, 256, 1_000];
const STREAMS = [1, 4, 16, 64, 128];

/** A chart to be, and its figures: by the value on the horizontal axis. */
interface Sweep extends Omit<LineChart, "lines"> {
  readonly figures: Map<number, RoundRecorder>;
}

/** How cost grows with entries, value sizes, connections and streams. */
export const scaling: Measurement = {
  name: "scaling",
  summary: "how cost grows with entries, value sizes, connections and calls in flight",
  async measure(bench) {
    const contestants = bench.contestants.filter((name) => PLOTTED.includes(name));
    // Many points; the shape of a curve needs less than a comparison.
    const brief: Bench = {
      ...bench,
      contestants,
      rounds: Math.min(3, bench.rounds),
      seconds: bench.seconds / 4,
    };
    const every = <Value>(values: readonly Value[]): readonly Value[] =>
      bench.quick ? values.slice(0, 2) : values;
    const sweeps = [
      await sweepEntries(brief, every(ENTRIES)),
      await sweepCalls(
        brief,
        {
          name: "scaling-get-value-size",
          title: "Get by size of the value",
          xLabel: "bytes of the value",
        },
        every(VALUE_SIZES).map((bytes) => [bytes, createGetCase("Get", bytes), USUAL_SHAPE]),
      ),
      await sweepCalls(
        brief,
        {
          name: "scaling-set-value-size",
          title: "Set by size of the value",
          xLabel: "bytes of the value",
        },
        every(VALUE_SIZES).map((bytes) => [bytes, createSetCase("Set", bytes), USUAL_SHAPE]),
      ),
      await sweepCalls(
        brief,
        {
          name: "scaling-connections",
          title: "Get by number of connections, one call at a time on each",
          xLabel: "connections",
        },
        every(CONNECTIONS).map((connections) => [
          connections,
          createGetCase("Get", VALUE_BYTES),
          { connections, streams: 1 },
        ]),
      ),
      await sweepCalls(
        brief,
        {
          name: "scaling-streams",
          title: "Get by number of calls in flight on one connection",
          xLabel: "calls in flight",
        },
        every(STREAMS).map((streams) => [
          streams,
          createGetCase("Get", VALUE_BYTES),
          { connections: 1, streams },
        ]),
      ),
    ];
    return {
      title: "How cost grows",
      explanation:
        "Values have 100 B unless their size is on the horizontal axis. Medians of the rounds; the " +
        "charts show the same figures as the table.",
      columns: ["chart", "horizontal axis", ...contestants.map((name) => CONTESTANT_TITLES[name])],
      rows: sweeps.flatMap(({ title, yLabel, figures }) =>
        [...figures].map(([x, recorder]) => [
          `${title}: ${yLabel}`,
          x.toLocaleString("en-US"),
          ...contestants.map((name) => formatFigure(recorder.median(name))),
        ]),
      ),
      notes: [],
      charts: sweeps.map((sweep) => chartFrom(sweep, contestants)),
      figures: Object.fromEntries(
        sweeps.map(({ name, figures }) => [name, Object.fromEntries(figures)]),
      ),
    };
  },
};

function chartFrom({ figures, ...chart }: Sweep, contestants: readonly Contestant[]): LineChart {
  return {
    ...chart,
    lines: contestants.map((name) => ({
      name: CONTESTANT_TITLES[name],
      points: [...figures].map(([x, recorder]) => [x, recorder.median(name)] as const),
    })),
  };
}

/** Reads of random keys at a fixed rate: what changes with the number of entries is the work. */
async function sweepEntries(bench: Bench, counts: readonly number[]): Promise<Sweep> {
  const figures = new Map<number, RoundRecorder>();
  for (const entries of counts) {
    const recorder = new RoundRecorder();
    await withServers(bench.contestants, serverOptions(bench), async (servers) => {
      for (const { name, socketPath } of servers) {
        bench.progress(`How cost grows: filling ${name} with ${entries} entries`);
        const connection = connectGrpc(socketPath);
        await fill(connection, { entries, valueBytes: VALUE_BYTES });
        connection.close();
      }
      await measureInRounds(servers, bench.rounds + 1, async (server, round) => {
        const beforeUs = cpuTimeUs(server.pid);
        const { latenciesMs } = await runOpenLoop(
          {
            socketPath: server.socketPath,
            calls: { kind: "get", keys: entries },
            callsPerSecond: READS_PER_SECOND,
            seconds: bench.seconds,
            seed: round,
          },
          bench.cores.load,
        );
        // The first round warms up.
        if (round === 0 || !Number.isFinite(percentile(latenciesMs, 0.5))) return;
        const calls = latenciesMs.length;
        recorder.record(server.name, (cpuTimeUs(server.pid) - beforeUs) / calls);
      });
    });
    figures.set(entries, recorder);
  }
  return {
    name: "scaling-entries",
    title: "Get of random keys by number of entries",
    xLabel: "entries",
    yLabel: "µs of processor time a call",
    figures,
  };
}

async function sweepCalls(
  bench: Bench,
  chart: Pick<Sweep, "name" | "title" | "xLabel">,
  points: readonly (readonly [x: number, cacheCase: CacheCase, shape: LoadShape])[],
): Promise<Sweep> {
  const figures = new Map<number, RoundRecorder>();
  for (const [x, cacheCase, shape] of points) {
    await withServers(bench.contestants, serverOptions(bench), async (servers) => {
      const { callsPerSecond } = await compareServers(bench, servers, cacheCase, shape);
      figures.set(x, callsPerSecond);
    });
  }
  return { ...chart, yLabel: "calls per second", figures };
}
