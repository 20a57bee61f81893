import { formatByteSize } from "../../memory/config/byte-size.js";
import { sparkline } from "./sparkline.js";
import type { StatisticsHistory } from "./statistics-history.js";

/** The widths of the columns before the bars, in characters. */
const LABEL_WIDTH = 12;
const VALUE_WIDTH = 22;

interface ViewRow {
  readonly label: string;
  readonly value: string;
  readonly values: readonly (number | undefined)[];
  /** The value of a full bar. */
  readonly full: number;
}

/** The statistics as rows of figures, each with a sparkline, for a terminal of this width. */
export function statisticsRows(history: StatisticsHistory, columns: number): readonly string[] {
  const width = columns - LABEL_WIDTH - VALUE_WIDTH;
  return rowsOf(history).map(({ label, value, values, full }) => {
    const text = label.padEnd(LABEL_WIDTH) + value.padEnd(VALUE_WIDTH);
    return (text + sparkline(values, { width: Math.max(1, width), full })).slice(0, columns);
  });
}

/** The statistics as one line, for output that is not a terminal. */
export function statisticsLine(history: StatisticsHistory): string {
  return rowsOf(history)
    .map(({ label, value }) => `${label} ${value}`)
    .join(", ");
}

function rowsOf({ figures, changes }: StatisticsHistory): readonly ViewRow[] {
  const last = changes.at(-1);
  const operations = changes.map(({ operationsPerSecond }) => operationsPerSecond);
  const evictions = changes.map(({ evictionsPerSecond }) => evictionsPerSecond);
  const { bytes = 0, maxBytes = 0, entries = 0 } = figures ?? {};
  return [
    {
      label: "hit ratio",
      value: last?.hitRatio === undefined ? "no reads" : `${(last.hitRatio * 100).toFixed(1)}%`,
      values: changes.map(({ hitRatio }) => hitRatio),
      full: 1,
    },
    {
      label: "operations",
      value: `${rate(last?.operationsPerSecond)}/s`,
      values: operations,
      full: Math.max(0, ...operations),
    },
    {
      label: "memory",
      value: `${formatByteSize(bytes)} of ${formatByteSize(maxBytes)}`,
      values: changes.map((change) => change.bytes),
      full: maxBytes,
    },
    {
      label: "evictions",
      value: `${rate(last?.evictionsPerSecond)}/s`,
      values: evictions,
      full: Math.max(0, ...evictions),
    },
    { label: "entries", value: entries.toLocaleString("en-US"), values: [], full: 0 },
  ];
}

/** A rate; below 10 with one decimal, so that one in five seconds is not shown as 0. */
function rate(perSecond = 0): string {
  const digits = perSecond > 0 && perSecond < 10 ? 1 : 0;
  return perSecond.toLocaleString("en-US", { maximumFractionDigits: digits });
}
