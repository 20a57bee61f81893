import { performance } from "node:perf_hooks";
import type { StatisticsFigures } from "../services/statistics-service.js";
import type { CallCounts } from "./call-counts.js";
import { Exposition, type MetricKind } from "./exposition.js";

/** A cache whose figures are shown. */
export interface MeasuredCache {
  /** The name of its binding; empty for a cache that serves whatever is asked for. */
  readonly binding: string;
  readonly statistics: () => StatisticsFigures;
  readonly calls: CallCounts;
}

/** What is shown of the server itself. */
export interface MeasuredServer {
  readonly version: string;
  /** Calls that have begun and not ended. */
  readonly callsInFlight: () => number;
  /** Bytes of requests being read and of replies not yet taken. */
  readonly bytesInFlight: () => number;
  /** Requests that were refused for want of a token, or as a browser's. */
  readonly denied: () => number;
}

type Figure = readonly [
  name: string,
  kind: MetricKind,
  help: string,
  field: keyof StatisticsFigures,
];

const FIGURES: readonly Figure[] = [
  ["entries", "gauge", "Entries held.", "entries"],
  ["bytes", "gauge", "What the entries are charged, in bytes.", "bytes"],
  ["max_bytes", "gauge", "The bound on gestalt_cache_bytes.", "maxBytes"],
  ["hits_total", "counter", "Reads that found a live entry.", "hits"],
  ["misses_total", "counter", "Reads that did not.", "misses"],
  ["sets_total", "counter", "Entries written.", "sets"],
  ["overwrites_total", "counter", "Writes that replaced a live entry.", "overwrites"],
  ["deletes_total", "counter", "Live entries removed on demand.", "deletes"],
  ["touches_total", "counter", "Live entries touched.", "touches"],
  ["expired_total", "counter", "Entries gone because of time.", "expired"],
  ["evicted_total", "counter", "Entries gone because of space.", "evicted"],
  ["refused_total", "counter", "Writes refused because the entry was too large.", "refused"],
];

/** Read once: the clock of day and the time since the start differ by a little each time. */
const STARTED_SECONDS = performance.timeOrigin / 1000;

const PREFIX = "gestalt_cache";

/** What `/metrics` answers: every cache, the server, and the basics of the process. */
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
  page.add(`${PREFIX}_server_info`, "gauge", "Always 1; its label says what runs.", [
    { labels: { version: server.version }, value: 1 },
  ]);
  const { callsInFlight, bytesInFlight, denied } = server;
  const calls = "Calls that have begun and not ended.";
  page.add(`${PREFIX}_server_calls_in_flight`, "gauge", calls, one(callsInFlight()));
  const bytes = "Bytes of requests being read and of replies not yet taken.";
  page.add(`${PREFIX}_server_bytes_in_flight`, "gauge", bytes, one(bytesInFlight()));
  const why = "Requests without the right token, or from a web page.";
  page.add(`${PREFIX}_server_denied_total`, "counter", why, one(denied()));
}

/** Named as every Prometheus client names them. */
function addProcess(page: Exposition): void {
  const { user, system } = process.cpuUsage();
  page.add("process_cpu_seconds_total", "counter", "Processor time used, in seconds.", [
    { value: (user + system) / 1e6 },
  ]);
  page.add("process_resident_memory_bytes", "gauge", "Resident memory, in bytes.", [
    { value: process.memoryUsage.rss() },
  ]);
  page.add("process_start_time_seconds", "gauge", "When it started, in seconds since 1970.", [
    { value: STARTED_SECONDS },
  ]);
}
