import type { SharedCacheStatistics } from "../../redis/shared-statistics.js";
import { statisticsText } from "../statistics-text.js";

/** What a command did to each of its caches, for people. Ends with a line break. */
export function reportText(statistics: ReadonlyMap<string, SharedCacheStatistics>): string {
  return Array.from(statistics, ([name, cache]) => {
    const lines = statisticsText(cache).split("\n");
    return `cache ${name}:\n${lines.map((line) => `  ${line}\n`).join("")}`;
  }).join("");
}

/** The same for machines: one line of JSON, without a line break. */
export function reportJson(
  statistics: ReadonlyMap<string, SharedCacheStatistics>,
  exitCode: number,
): string {
  return JSON.stringify({ exitCode, caches: Object.fromEntries(statistics) });
}
