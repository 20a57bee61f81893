import { formatByteSize } from "../memory/config/byte-size.js";
import type { SharedCacheStatistics } from "../redis/shared-statistics.js";

/** What a cache did and holds, in two lines for people, or three for one with a server behind it. */
export function statisticsText(statistics: SharedCacheStatistics): string {
  const { hits, misses, sets, deletes, touches, expired, evicted, refused } = statistics;
  const { entries, bytes, maxBytes } = statistics;
  const held = `${count(entries, "entry", "entries")}, ${formatByteSize(bytes)} of ${formatByteSize(maxBytes)}`;
  return [
    `served ${count(hits + misses, "read")} (${count(hits, "hit")}, ${count(misses, "miss", "misses")}), ` +
      `${count(sets, "write")}, ${count(deletes, "delete")}, ${count(touches, "touch", "touches")}`,
    `held ${held}; ${amount(expired)} expired, ${amount(evicted)} evicted, ${amount(refused)} refused as too large`,
    ...sharedLines(statistics),
  ].join("\n");
}

function sharedLines({ shared }: SharedCacheStatistics): string[] {
  if (shared === undefined) return [];
  const { nearHits, remoteHits, invalidations, reconnects } = shared;
  return [
    `shared: ${count(nearHits, "hit")} in the near cache, ${amount(remoteHits)} at the server; ` +
      `${count(invalidations, "invalidation")}, ${count(reconnects, "reconnect")}`,
  ];
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${amount(value)} ${value === 1 ? one : many}`;
}

function amount(value: number): string {
  return value.toLocaleString("en-US");
}
