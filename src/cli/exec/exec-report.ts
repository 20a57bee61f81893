import type { CacheStatistics } from "../../memory/statistics.js";
import { statisticsText } from "../statistics-text.js";

/** What a command did to each of its caches, for people. Ends with a line break. */
export function reportText(statistics: ReadonlyMap<string, CacheStatistics>): string {
  return Array.from(statistics, ([name, cache]) => {
    const lines = statisticsText(cache).split("\n");
    return `cache ${name}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  }).join("");
}

/** The same for machines: one line of JSON, without a line break. */
export function reportJson(
  statistics: ReadonlyMap<string, CacheStatistics>,
  exitCode: number,
): string {
  return JSON.stringify({ exitCode, caches: Object.fromEntries(statistics) });
}
