import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { escapeControls } from "../../contract/printable-text.js";
import type { StatisticsFigures } from "../../standalone/services/statistics-service.js";
import { writeStandardOutput } from "./standard-streams.js";
import { StatisticsHistory } from "./statistics-history.js";
import { statisticsLine, statisticsRows } from "./statistics-view.js";

/** More than any terminal is wide. */
const HISTORY_SIZE = 500;

/** How {@link watchStatistics} shows a cache. */
export interface WatchOptions {
  /** What stands above the figures. */
  readonly title: string;
  readonly intervalMs: number;
  /** How many times to look; Infinity: until the process is told to stop. */
  readonly count: number;
  /** One line of JSON for each look, instead of a view. */
  readonly json: boolean;
}

/**
 * Looks at a cache again and again. On a terminal the figures stay in place;
 * elsewhere each look is a line. A cache that cannot be reached is tried again,
 * but for the first time.
 *
 * @param read - reads the figures; rejects with a text for people
 */
export async function watchStatistics(
  read: () => Promise<StatisticsFigures>,
  { title, intervalMs, count, json }: WatchOptions,
): Promise<void> {
  const history = new StatisticsHistory(HISTORY_SIZE);
  const view = process.stdout.isTTY && !json ? createTerminalView(escapeControls(title)) : showLine;
  for (let looks = 0; looks < count; looks++) {
    if (looks > 0) await delay(intervalMs);
    let problem: string | undefined;
    try {
      history.add(await read(), performance.now());
    } catch (error) {
      if (history.figures === undefined) throw error;
      problem = escapeControls(error instanceof Error ? error.message : String(error));
    }
    const isRead = await (json ? showJson(history, problem) : view(history, problem));
    if (!isRead) return;
  }
}

/** Shows one look; tells whether anybody reads it. */
type View = (history: StatisticsHistory, problem: string | undefined) => Promise<boolean>;

const showLine: View = (history, problem) =>
  writeStandardOutput(`${problem ?? statisticsLine(history)}\n`);

const showJson: View = ({ figures }, problem) =>
  writeStandardOutput(`${JSON.stringify(problem === undefined ? figures : { problem })}\n`);

/** Writes over what it wrote before. */
function createTerminalView(title: string): View {
  let height = 0;
  return (history, problem) => {
    const columns = process.stdout.columns || 80;
    const rows = statisticsRows(history, columns);
    const head = (problem === undefined ? title : `${problem}; trying again`).slice(0, columns);
    const up = height === 0 ? "" : `\u001B[${height}A`;
    const lines = [head, ...rows].map((line) => `\u001B[2K${line}\n`);
    height = lines.length;
    return writeStandardOutput(up + lines.join(""));
  };
}
