import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { escapeControls } from "../../contract/printable-text.js";
import type { StatisticsFigures } from "../../standalone/services/statistics-service.js";
import { writeStandardOutput } from "./standard-streams.js";
import { StatisticsHistory } from "./statistics-history.js";
import { statisticsLine, statisticsRows } from "./statistics-view.js";

/** The number of changes kept: more columns than a terminal has. */
const HISTORY_SIZE = 500;

/** Options of {@link watchStatistics}. */
export interface WatchOptions {
  /** The line above the figures on a terminal. */
  readonly title: string;
  /** The time between two readings, in milliseconds. */
  readonly intervalMs: number;
  /** The number of readings; Infinity: until a signal. */
  readonly count: number;
  /** True: print one line of JSON for each reading. */
  readonly json: boolean;
}

/**
 * Reads the statistics of a cache repeatedly and prints them. On a terminal the figures stay in
 * place; elsewhere each reading is a line. A later reading that fails is shown as a problem and
 * repeated.
 *
 * @param read - reads the figures
 * @throws the error of the first reading
 */
export async function watchStatistics(
  read: () => Promise<StatisticsFigures>,
  { title, intervalMs, count, json }: WatchOptions,
): Promise<void> {
  const history = new StatisticsHistory(HISTORY_SIZE);
  const view = process.stdout.isTTY && !json ? createTerminalView(escapeControls(title)) : showLine;
  for (let readings = 0; readings < count; readings++) {
    if (readings > 0) await delay(intervalMs);
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

/** Shows one reading; returns false when the output is closed. */
type View = (history: StatisticsHistory, problem: string | undefined) => Promise<boolean>;

const showLine: View = (history, problem) =>
  writeStandardOutput(`${problem ?? statisticsLine(history)}\n`);

const showJson: View = ({ figures }, problem) =>
  writeStandardOutput(`${JSON.stringify(problem === undefined ? figures : { problem })}\n`);

/** Creates a view that overwrites its previous output. */
function createTerminalView(title: string): View {
  let height = 0;
  return (history, problem) => {
    const columns = process.stdout.columns || 80;
    const rows = statisticsRows(history, columns);
    const head = (problem === undefined ? title : `${problem}; retrying`).slice(0, columns);
    const up = height === 0 ? "" : `\u001B[${height}A`;
    const lines = [head, ...rows].map((line) => `\u001B[2K${line}\n`);
    height = lines.length;
    return writeStandardOutput(up + lines.join(""));
  };
}
