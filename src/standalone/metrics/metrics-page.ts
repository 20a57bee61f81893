import { performance } from "node:perf_hooks";
import type { StatisticsFigures } from "../services/statistics-service.js";
import type { CallCounts } from "./call-counts.js";
import { Exposition, type MetricKind } from "./exposition.js";

/** A cache on the page. */
export interface MeasuredCache {
  /** The name of its binding; empty for a cache that serves all bindings. */
  readonly binding: string;
  readonly statistics: () => StatisticsFigures;
  readonly calls: CallCounts;
}

/** The figures of the server itself. */
export interface MeasuredServer {
  readonly version: string;
  /** Open calls. */
  readonly callsInFlight: () => number;
  /** Bytes of requests that are being read and of replies that are not yet read. */
  readonly bytesInFlight: () => number;
  /** Requests that were refused for a missing or wrong token, or as those of a web page. */
  readonly denied: () => number;
}

type Figure = readonly [
  name: string,
  kind: MetricKind,
  help: string,
  field: keyof StatisticsFigures,
];

const FIGURES: readonly Figure[] = [
  [
    "entries",
    "gauge",
    "Number of entries, expired ones included until they are removed.",
    "entries",
  ],
  ["bytes", "gauge", "Bytes that the entries are charged.", "bytes"],
  ["max_bytes", "gauge", "Upper bound of gestalt_cache_bytes.", "maxBytes"],
  ["hits_total", "counter", "Keys that were read and found.", "hits"],
  ["misses_total", "counter", "Keys that were read and not found.", "misses"],
  ["sets_total", "counter", "Entries that were written.", "sets"],
  ["overwrites_total", "counter", "Writes that replaced a live entry.", "overwrites"],
  ["deletes_total", "counter", "Live entries that were deleted by a call.", "deletes"],
  ["touches_total", "counter", "Live entries that were touched.", "touches"],
  [
    "expired_total",
    "counter",
    "Entries that were removed because their TTL had passed.",
    "expired",
  ],
  ["evicted_total", "counter", "Entries that were removed to make room.", "evicted"],
  ["refused_total", "counter", "Writes that failed because the entry was too large.", "refused"],
];

/** Read once: the sum of the start and the time since then varies a little. */
const STARTED_SECONDS = performance.timeOrigin / 1000;

const PREFIX = "gestalt_cache";

/** Returns the page `/metrics`: figures of every cache, of the server, and of the process. */
export function metricsPage(caches: readonly MeasuredCache[], server: MeasuredServer): string {
  const page = new Exposition();
  addCaches(page, caches);
  addServer(page, server);
  addProcess(page);
  return page.toString();
}

function addCaches(page: Exposition, caches: readonly MeasuredCache[]): void {
  const read = caches.map(({ binding, statistics, calls }) => ({
    labels: { binding },
    figures: statistics(),
    calls: [...calls.read()],
  }));
  for (const [name, kind, help, field] of FIGURES) {
    const samples = read.map(({ labels, figures }) => ({ labels, value: figures[field] }));
    page.add(`${PREFIX}_${name}`, kind, help, samples);
  }
  page.add(
    `${PREFIX}_calls_total`,
    "counter",
    "Calls that reached the cache, by method and gRPC status.",
    read.flatMap(({ labels, calls }) =>
      calls.map(({ method, status, count }) => ({
        labels: { ...labels, method, status },
        value: count,
      })),
    ),
  );
}

function addServer(page: Exposition, server: MeasuredServer): void {
  const one = (value: number): [{ value: number }] => [{ value }];
  page.add(`${PREFIX}_server_info`, "gauge", "Always 1. Its label is the version of the server.", [
    { labels: { version: server.version }, value: 1 },
  ]);
  const { callsInFlight, bytesInFlight, denied } = server;
  const calls = "Calls that have begun and not ended.";
  page.add(`${PREFIX}_server_calls_in_flight`, "gauge", calls, one(callsInFlight()));
  const bytes = "Bytes of requests that are being read and of replies that are not yet read.";
  page.add(`${PREFIX}_server_bytes_in_flight`, "gauge", bytes, one(bytesInFlight()));
  const why = "Requests that were refused: without the right token, or from a web page.";
  page.add(`${PREFIX}_server_denied_total`, "counter", why, one(denied()));
}

/** The names are those of all Prometheus clients. */
function addProcess(page: Exposition): void {
  const { user, system } = process.cpuUsage();
  page.add("process_cpu_seconds_total", "counter", "Processor time used, in seconds.", [
    { value: (user + system) / 1e6 },
  ]);
  page.add("process_resident_memory_bytes", "gauge", "Resident memory, in bytes.", [
    { value: process.memoryUsage.rss() },
  ]);
  page.add(
    "process_start_time_seconds",
    "gauge",
    "Start time of the process, in seconds since 1970.",
    [{ value: STARTED_SECONDS }],
  );
}
