import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { formatMs } from "../figures/format.js";
import { measureInRounds, RoundRecorder } from "../figures/rounds.js";
import { createGetCase } from "../load/cache-case.js";
import type { Bench, Measurement } from "../measurement.js";
import { UsageError } from "../options.js";
import { pinnedCommand } from "../process/cpu-pinning.js";
import {
  askIdentity,
  configure,
  PROVIDER_PROGRAM,
  startProviderProcess,
} from "../process/provider-process.js";

/** A start is short and its time scatters, so there are more of them than of other rounds. */
const STARTS_PER_ROUND = 4;

interface Starter {
  readonly title: string;
  /** The longest time to accept that is aimed at, in milliseconds. */
  readonly aimMs: number;
  readonly command: string;
  readonly args: readonly string[];
}

/** From the start of the process to its first answers, as the host sees it. */
export const coldStart: Measurement = {
  name: "cold-start",
  summary: "from the start of the process to its first replies",
  async measure(bench) {
    const starters = findStarters(bench);
    const accepting = new RoundRecorder();
    const identity = new RoundRecorder();
    const firstGet = new RoundRecorder();
    const bareNode = new RoundRecorder();
    // Not counted: brings the files into memory.
    for (const starter of starters) await startOnce(starter, bench, {});
    const starts = bench.rounds * (bench.quick ? 1 : STARTS_PER_ROUND);
    await measureInRounds(starters, starts, async (starter, round) => {
      bench.progress(`Cold start: ${round + 1}/${starts}, ${starter.title}`);
      await startOnce(starter, bench, {
        accepts: (ms) => accepting.record(starter.title, ms),
        identifies: (ms) => identity.record(starter.title, ms),
        gets: (ms) => firstGet.record(starter.title, ms),
      });
      if (starter === starters[0]) bareNode.record("node", startBareNode(bench));
    });
    return {
      title: "Cold start",
      explanation:
        "From the start of the process until its socket accepts, until the reply to " +
        "GetProviderIdentity, and until the reply to the first Get after ConfigureProvider. " +
        "Medians; the system has the files in memory already.",
      columns: ["program", "accepts", "fastest to slowest", "identity", "first Get", "aim"],
      rows: [
        ...starters.map(({ title, aimMs }) => [
          title,
          formatMs(accepting.median(title)),
          accepting.spread(title, formatMs),
          formatMs(identity.median(title)),
          formatMs(firstGet.median(title)),
          `accepts within ${aimMs} ms`,
        ]),
        [
          "Node with an empty program, to its end",
          formatMs(bareNode.median("node")),
          bareNode.spread("node", formatMs),
          ...["", "", ""],
        ],
      ],
      notes:
        bench.executable === undefined
          ? ["The standalone executable was not measured: name one with --executable FILE."]
          : [],
      figures: {
        acceptsMs: accepting,
        identityMs: identity,
        firstGetMs: firstGet,
        bareNodeMs: bareNode,
      },
    };
  },
};

function findStarters({ executable }: Bench): Starter[] {
  if (executable !== undefined && !existsSync(executable)) {
    throw new UsageError(`no executable at ${executable}`);
  }
  const node = {
    title: `node ${join("dist", "cli", basename(PROVIDER_PROGRAM))}`,
    aimMs: 80,
    command: process.execPath,
    args: [PROVIDER_PROGRAM],
  };
  if (executable === undefined) return [node];
  return [node, { title: "standalone executable", aimMs: 25, command: executable, args: [] }];
}

/** Receives the milliseconds since the start of the process, at three points. */
interface StartTimes {
  readonly accepts?: (ms: number) => void;
  readonly identifies?: (ms: number) => void;
  readonly gets?: (ms: number) => void;
}

async function startOnce(
  { command, args }: Starter,
  bench: Bench,
  times: StartTimes,
): Promise<void> {
  const { before, timed } = createGetCase("", 100);
  const start = performance.now();
  const provider = await startProviderProcess(command, args, bench.cores.server);
  times.accepts?.(performance.now() - start);
  try {
    await askIdentity(provider.connection);
    times.identifies?.(performance.now() - start);
    await configure(provider.connection);
    await provider.connection.call(timed.path, timed.frame);
    times.gets?.(performance.now() - start);
    for (const call of before) await provider.connection.call(call.path, call.frame);
    timed.assertReply(await provider.connection.call(timed.path, timed.frame));
  } finally {
    await provider.stop();
  }
}

/** What of it is Node's own: no program can be faster. */
function startBareNode({ cores }: Bench): number {
  const start = performance.now();
  spawnSync(...pinnedCommand(cores.server, process.execPath, ["-e", "0"]));
  return performance.now() - start;
}
