import type { SharedCacheStatistics } from "../../redis/shared-statistics.js";
import { statisticsText } from "../statistics-text.js";

/** The statistics of each cache as text, with a line break at the end. */
export function reportText(statistics: ReadonlyMap<string, SharedCacheStatistics>): string {
  return Array.from(statistics, ([name, cache]) => {
    const lines = statisticsText(cache).split("\n");
    return `cache ${name}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  }).join("");
}

/** The statistics and the exit code as one line of JSON, without a line break. */
export function reportJson(
  statistics: ReadonlyMap<string, SharedCacheStatistics>,
  exitCode: number,
): string {
  return JSON.stringify({ exitCode, caches: Object.fromEntries(statistics) });
}
