import { Code, ConnectError } from "@connectrpc/connect";
import { Command, Option } from "commander";
import type { CacheChannel } from "../client/cache-channel.js";
import { StatisticsService } from "../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import {
  figuresFromReply,
  type StatisticsFigures,
} from "../standalone/services/statistics-service.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  withChannel,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { watchStatistics } from "./client/watch-statistics.js";
import { parseCountFlag } from "./count-flag.js";
import { durationParser, MAX_TIMER_MS } from "./duration-flag.js";
import { PROGRAM_NAME } from "./program-name.js";
import { statisticsText } from "./statistics-text.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} stats
  $ ${PROGRAM_NAME} stats --watch
  $ ${PROGRAM_NAME} stats --watch --interval 5s --json > figures.jsonl

It works with caches that serve or exec started. A provider under gestaltd does not serve
statistics. Press Ctrl-C to end --watch.`;

/** With a shorter interval the calls of `stats` would dominate the figures. */
const MIN_INTERVAL_MS = 10;

interface StatsFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly interval: number;
  readonly count?: number;
}

/** Creates the command `stats`, which shows the statistics of a cache. */
export function createStatsCommand(): Command {
  const command = new Command("stats")
    .summary("show the statistics of a cache")
    .description("Show the statistics of a cache: its contents, hits, misses and evictions.")
    .option("--json", "print JSON")
    .option("--watch", "refresh until Ctrl-C")
    .addOption(
      new Option("--interval <duration>", "time between two readings with --watch")
        .argParser(durationParser({ minMs: MIN_INTERVAL_MS, maxMs: MAX_TIMER_MS, example: "1s" }))
        .default(1_000, "1s"),
    )
    .option("--count <readings>", "stop --watch after this many readings", parseCountFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(stats));
}

async function stats(flags: StatsFlags): Promise<void> {
  const { json = false, watch = false, interval, count = Infinity, ...connection } = flags;
  await withChannel(connection, async (channel, where) => {
    const read = createReader(channel);
    if (watch) {
      await watchStatistics(read, { title: where, intervalMs: interval, count, json });
      return;
    }
    const figures = await read();
    await writeStandardOutput(`${json ? JSON.stringify(figures) : statisticsText(figures)}\n`);
  });
}

function createReader(channel: CacheChannel): () => Promise<StatisticsFigures> {
  const client = channel.client(StatisticsService);
  return async () => {
    try {
      return figuresFromReply(await channel.call((options) => client.getStatistics({}, options)));
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code !== Code.Unimplemented) throw error;
      const { target, source } = channel.place;
      const problem = `cache at ${target} (${source}): the server has no statistics service; caches of serve and exec have one`;
      throw new ConnectError(problem, error.code);
    }
  };
}
