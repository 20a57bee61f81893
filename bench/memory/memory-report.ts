import { formatFigure } from "../figures/format.js";
import type { Report } from "../measurement.js";
import type { FillAnswer } from "./fill-past-bound.js";
import type { ResidentGrowth } from "./resident-growth.js";

/** What the runtime may take for itself, on top of `maxBytes`. */
const ALLOWANCE_BYTES = 32 * 2 ** 20;

/** The table of `npm run bench:memory`. */
export function createMemoryReport(answers: readonly FillAnswer[], advice: string): Report {
  return {
    title: "Memory",
    explanation:
      "The provider's process, filled over gRPC past its bound three times over, 16-byte keys. " +
      "Resident memory is counted from the idle process on: at its peak, filling included, and " +
      "settled afterwards. Per entry: settled, by the entries held.",
    columns: [
      "maxBytes",
      "value",
      "entries held",
      "written / held",
      "peak / maxBytes",
      "settled / maxBytes",
      "peak within maxBytes + 32 MiB",
      "bytes an entry",
      "Redis",
    ],
    rows: answers.map((answer) => {
      const { maxBytes, valueBytes, held, written, resident, redis } = answer;
      const peak = resident.peak - resident.idle;
      return [
        `${formatWhole(maxBytes / 2 ** 20)} MiB`,
        `${formatWhole(valueBytes)} B`,
        formatWhole(held),
        (written / held).toFixed(1),
        (peak / maxBytes).toFixed(2),
        ((resident.settled - resident.idle) / maxBytes).toFixed(2),
        peak <= maxBytes + ALLOWANCE_BYTES ? "yes" : `no, by ${overshoot(peak, maxBytes)}`,
        formatFigure(bytesPerEntry(resident, held)),
        redis === undefined ? "–" : formatFigure(bytesPerEntry(redis, held)),
      ];
    }),
    notes: [FEW_ENTRIES, marginalCosts(answers), advice].filter((note) => note !== ""),
    figures: answers,
  };
}

const FEW_ENTRIES =
  "Bytes an entry include what the runtime keeps for itself, which weighs on the rows with few " +
  "entries.";

/**
 * What one more entry costs: the growth from the smallest bound to the largest,
 * from which the runtime's own share falls out. Empty with one bound only.
 */
function marginalCosts(answers: readonly FillAnswer[]): string {
  const sizes = [...new Set(answers.map(({ valueBytes }) => valueBytes))];
  const costs = sizes.flatMap((valueBytes) => {
    const ofSize = answers.filter((answer) => answer.valueBytes === valueBytes);
    const [smallest, largest] = [ofSize[0], ofSize.at(-1)];
    if (smallest === undefined || largest === undefined || smallest === largest) return [];
    const settled = largest.resident.settled - smallest.resident.settled;
    const bytes = settled / (largest.held - smallest.held);
    return [`${formatFigure(bytes)} (values of ${formatWhole(valueBytes)} B)`];
  });
  return costs.length === 0
    ? ""
    : `Bytes that one entry more costs, from the difference of the bounds: ${costs.join(", ")}.`;
}

function bytesPerEntry({ settled, idle }: ResidentGrowth, entries: number): number {
  return (settled - idle) / entries;
}

function overshoot(peak: number, maxBytes: number): string {
  return `${formatFigure((peak - maxBytes - ALLOWANCE_BYTES) / 2 ** 20)} MiB`;
}

function formatWhole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
