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
  readonly command: string;
  readonly args: readonly string[];
}

/** From the start of the process to its first answers, as the host sees it. */
export const coldStart: Measurement = {
  name: "cold-start",
  async measure(bench) {
    const starters = findStarters(bench);
    const identity = new RoundRecorder();
    const firstGet = new RoundRecorder();
    const bareNode = new RoundRecorder();
    // Not counted: brings the files into memory.
    for (const starter of starters) await startOnce(starter, bench, [], []);
    const starts = bench.rounds * (bench.quick ? 1 : STARTS_PER_ROUND);
    await measureInRounds(starters, starts, async (starter, round) => {
      bench.progress(`Cold start: ${round + 1}/${starts}, ${starter.title}`);
      await startOnce(
        starter,
        bench,
        [(ms) => identity.record(starter.title, ms)],
        [(ms) => firstGet.record(starter.title, ms)],
      );
      if (starter === starters[0]) bareNode.record("node", startBareNode(bench));
    });
    return {
      title: "Cold start",
      explanation:
        "From starting the process to its answer to GetProviderIdentity, and to the first Get " +
        "after ConfigureProvider, files already in memory. Medians.",
      columns: ["program", "first answer", "all starts", "configured, first Get", "aim"],
      rows: [
        ...starters.map(({ title }) => [
          title,
          formatMs(identity.median(title)),
          identity.spread(title, formatMs),
          formatMs(firstGet.median(title)),
          "100 ms on Node 20",
        ]),
        ["Node with an empty program, to its end", formatMs(bareNode.median("node")), "", "", ""],
      ],
      notes:
        bench.executable === undefined
          ? ["The standalone executable was not measured: name one with --executable FILE."]
          : [],
      figures: { firstAnswerMs: identity, firstGetMs: firstGet, bareNodeMs: bareNode },
    };
  },
};

function findStarters({ executable }: Bench): Starter[] {
  if (executable !== undefined && !existsSync(executable)) {
    throw new UsageError(`no executable at ${executable}`);
  }
  const node = {
    title: `node ${join("dist", "cli", basename(PROVIDER_PROGRAM))}`,
    command: process.execPath,
    args: [PROVIDER_PROGRAM],
  };
  if (executable === undefined) return [node];
  return [node, { title: "standalone executable", command: executable, args: [] }];
}

type Take = (ms: number) => void;

async function startOnce(
  { command, args }: Starter,
  bench: Bench,
  onIdentity: readonly Take[],
  onGet: readonly Take[],
): Promise<void> {
  const { before, timed } = createGetCase("", 100);
  const start = performance.now();
  const provider = await startProviderProcess(command, args, bench.cores.server);
  try {
    await askIdentity(provider.connection);
    for (const take of onIdentity) take(performance.now() - start);
    await configure(provider.connection);
    await provider.connection.call(timed.path, timed.frame);
    for (const take of onGet) take(performance.now() - start);
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
