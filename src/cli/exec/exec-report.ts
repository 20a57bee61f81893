import type { CacheStatistics } from "../../memory/statistics.js";
import { statisticsText } from "../statistics-text.js";

/** The statistics of each cache as text, with a line break at the end. */
export function reportText(statistics: ReadonlyMap<string, CacheStatistics>): string {
  return Array.from(statistics, ([name, cache]) => {
    const lines = statisticsText(cache).split("\n");
    return `cache ${name}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  }).join("");
}

/** The statistics and the exit code as one line of JSON, without a line break. */
export function reportJson(
  statistics: ReadonlyMap<string, CacheStatistics>,
  exitCode: number,
): string {
  return JSON.stringify({ exitCode, caches: Object.fromEntries(statistics) });
}
