import { formatByteSize } from "../memory/config/byte-size.js";
import type { CacheStatistics } from "../memory/statistics.js";

/** The statistics of a cache as two lines of text, without a line break at the end. */
export function statisticsText(statistics: CacheStatistics): string {
  const { hits, misses, sets, deletes, touches, expired, evicted, refused } = statistics;
  const { entries, bytes, maxBytes } = statistics;
  const held = `${count(entries, "entry", "entries")}, ${formatByteSize(bytes)} of ${formatByteSize(maxBytes)}`;
  return [
    `served ${count(hits + misses, "read")} (${count(hits, "hit")}, ${count(misses, "miss", "misses")}), ` +
      `${count(sets, "write")}, ${count(deletes, "delete")}, ${count(touches, "touch", "touches")}`,
    `held ${held}; ${amount(expired)} expired, ${amount(evicted)} evicted, ${amount(refused)} refused as too large`,
  ].join("\n");
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${amount(value)} ${value === 1 ? one : many}`;
}

function amount(value: number): string {
  return value.toLocaleString("en-US");
}
