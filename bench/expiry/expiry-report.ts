import { formatMs } from "../figures/format.js";
import type { Report } from "../measurement.js";
import type { ExpiryFigures, ExpiryOptions } from "./measure-expiry.js";

/** The table of `npm run bench -- expiry`. */
export function createExpiryReport(figures: ExpiryFigures, options: ExpiryOptions): Report {
  const { before, during, emptied, leftInIdleProcess, interruptionMs } = figures;
  const entries = options.entries.toLocaleString("en-US");
  const { afterLastMs } = emptied;
  return {
    title: `Expiry, store ${options.store}`,
    explanation:
      `${entries} entries of 100 B, TTLs spread over ${options.spreadSeconds} s, and readers of ` +
      `random keys, ${options.readsPerSecond} a second, due at fixed times whatever the server does. ` +
      `A tenth as many expire before that, so that the code is compiled and optimized.`,
    columns: ["", "nothing expires", "entries expire", "aim"],
    rows: [
      [
        "longest hold by the sweeper",
        formatMs(before.holds.callbacks.longestMs),
        formatMs(during.holds.callbacks.longestMs),
        "under 5 ms",
      ],
      [
        "most processor time of one hold",
        formatMs(before.holds.callbacks.longestCpuMs),
        formatMs(during.holds.callbacks.longestCpuMs),
        "",
      ],
      ["longest interruption of a program that only computes", formatMs(interruptionMs), "", ""],
      [
        "total time of the sweeper",
        formatMs(before.holds.callbacks.totalMs),
        formatMs(during.holds.callbacks.totalMs),
        "",
      ],
      [
        "longest event-loop delay, whatever caused it",
        formatMs(before.holds.longestDelayMs),
        formatMs(during.holds.longestDelayMs),
        "",
      ],
      ["reader p50", formatMs(before.readerP50Ms), formatMs(during.readerP50Ms), ""],
      ["reader p99", formatMs(before.readerP99Ms), formatMs(during.readerP99Ms), ""],
      ["reader p99.9", formatMs(before.readerP999Ms), formatMs(during.readerP999Ms), ""],
      ["reader maximum", formatMs(before.readerMaxMs), formatMs(during.readerMaxMs), ""],
      [
        "from the last deadline until the cache is empty",
        "",
        afterLastMs === undefined
          ? `not empty: ${emptied.entriesLeft.toLocaleString("en-US")} left`
          : formatMs(afterLastMs),
        "under 2 s",
      ],
      [
        `left after ${options.waitSeconds} s in a process without clients`,
        "",
        leftInIdleProcess.entriesLeft.toLocaleString("en-US"),
        "0",
      ],
    ],
    notes: [
      "The readers are a Node process: its own pauses are in their figures. The server has one " +
        "core, which it shares with the runtime's own threads.",
    ],
    figures,
  };
}
