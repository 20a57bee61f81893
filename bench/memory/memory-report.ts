import { formatFigure } from "../figures/format.js";
import type { Report } from "../measurement.js";
import type { FillAnswer } from "./fill-past-bound.js";
import type { ResidentGrowth } from "./resident-growth.js";

/** The memory that the runtime may use in addition to `maxBytes`. */
const ALLOWANCE_BYTES = 32 * 2 ** 20;

/** The table of `npm run bench -- memory`. */
export function createMemoryReport(answers: readonly FillAnswer[], advice: string): Report {
  return {
    title: "Memory",
    explanation:
      "The provider's process, filled over gRPC past its bound, 2.5 times over, in batches, then " +
      "one by one, and read back in batches; 16-byte keys. " +
      "Resident memory is that of the process minus that of the idle process: at its peak, filling " +
      "included, and settled afterwards. Bytes per entry are the settled memory divided by the " +
      "entries held.",
    columns: [
      "store",
      "runtime",
      "maxBytes",
      "value",
      "entries held",
      "written / held",
      "peak / maxBytes",
      "settled / maxBytes",
      "peak within maxBytes + 32 MiB",
      "bytes per entry",
      "Redis",
    ],
    rows: answers.map((answer) => {
      const { store, runtime, maxBytes, valueBytes, held, written, resident, redis } = answer;
      const peak = resident.peak - resident.idle;
      return [
        store,
        runtime,
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
    notes: [FEW_ENTRIES, advice].filter((note) => note !== ""),
    figures: answers,
  };
}

const FEW_ENTRIES =
  "Bytes per entry include what the runtime keeps for itself, which counts most in the rows with " +
  "few entries.";

function bytesPerEntry({ settled, idle }: ResidentGrowth, entries: number): number {
  return (settled - idle) / entries;
}

function overshoot(peak: number, maxBytes: number): string {
  return `${formatFigure((peak - maxBytes - ALLOWANCE_BYTES) / 2 ** 20)} MiB`;
}

function formatWhole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
