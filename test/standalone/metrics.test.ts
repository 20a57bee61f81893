import { expect, test } from "vitest";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { CallCounts, statusName } from "../../src/standalone/metrics/call-counts.js";
import { Exposition } from "../../src/standalone/metrics/exposition.js";
import { metricsPage, type MeasuredCache } from "../../src/standalone/metrics/metrics-page.js";
import { requestHttp1, requestHttp2 } from "../support/http-request.js";
import { serveStandalone } from "../support/standalone.js";

test("metrics are written in the exposition format", () => {
  const page = new Exposition();
  page.add("a_total", "counter", "How many\nof \\ it.", [
    { value: 1 },
    { labels: { binding: 'a"\\\nb', method: "Get" }, value: 2.5 },
    { labels: {}, value: Infinity },
    { value: -Infinity },
    { value: NaN },
  ]);
  page.add("none", "gauge", "Not there.", []);
  expect(page.toString()).toBe(
    [
      "# HELP a_total How many\\nof \\\\ it.",
      "# TYPE a_total counter",
      "a_total 1",
      'a_total{binding="a\\"\\\\\\nb",method="Get"} 2.5',
      "a_total +Inf",
      "a_total -Inf",
      "a_total NaN",
      "",
    ].join("\n"),
  );
});

test("calls are counted by method and status", () => {
  const counts = new CallCounts();
  counts.add(Cache.method.get, 0);
  counts.add(Cache.method.get, 0);
  counts.add(Cache.method.get, 5);
  counts.add(Cache.method.setMany, 16);
  expect([...counts.read()]).toEqual([
    { method: "Get", status: "ok", count: 2 },
    { method: "Get", status: "not_found", count: 1 },
    { method: "SetMany", status: "unauthenticated", count: 1 },
  ]);
  expect([statusName(9), statusName(10)]).toEqual(["failed_precondition", "code_10"]);
});

test("the page of metrics has each metric of the caches, the server and the process once", () => {
  const calls = new CallCounts();
  calls.add(Cache.method.touch, 3);
  const figures = { entries: 1, bytes: 2, maxBytes: 3, hits: 4, misses: 5, sets: 6 };
  const rest = { overwrites: 7, deletes: 8, touches: 9, expired: 10, evicted: 11, refused: 12 };
  const cache = (binding: string): MeasuredCache => ({
    binding,
    calls,
    statistics: () => ({ ...figures, ...rest }),
  });
  const text = metricsPage([cache("session"), cache("rate-limit")], {
    version: "1.2.3",
    callsInFlight: () => 13,
    bytesInFlight: () => 14,
    denied: () => 15,
  });
  const lines = text.trimEnd().split("\n");
  const samples = lines.filter((line) => !line.startsWith("#"));
  expect(samples.filter((line) => line.includes('binding="session"'))).toEqual([
    'gestalt_cache_entries{binding="session"} 1',
    'gestalt_cache_bytes{binding="session"} 2',
    'gestalt_cache_max_bytes{binding="session"} 3',
    'gestalt_cache_hits_total{binding="session"} 4',
    'gestalt_cache_misses_total{binding="session"} 5',
    'gestalt_cache_sets_total{binding="session"} 6',
    'gestalt_cache_overwrites_total{binding="session"} 7',
    'gestalt_cache_deletes_total{binding="session"} 8',
    'gestalt_cache_touches_total{binding="session"} 9',
    'gestalt_cache_expired_total{binding="session"} 10',
    'gestalt_cache_evicted_total{binding="session"} 11',
    'gestalt_cache_refused_total{binding="session"} 12',
    'gestalt_cache_calls_total{binding="session",method="Touch",status="invalid_argument"} 1',
  ]);
  expect(samples).toContain("gestalt_cache_server_calls_in_flight 13");
  expect(samples).toContain("gestalt_cache_server_bytes_in_flight 14");
  expect(samples).toContain("gestalt_cache_server_denied_total 15");
  const processNames = ["cpu_seconds_total", "resident_memory_bytes", "start_time_seconds"];
  for (const name of processNames) {
    const value = Number(
      samples.find((line) => line.startsWith(`process_${name} `))?.split(" ")[1],
    );
    expect(value, name).toBeGreaterThan(0);
  }
  const types = lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2]);
  expect(new Set(types).size).toBe(types.length);
});

test("the start time of the process is the same in every scrape", async () => {
  const { place } = await serveStandalone();
  const startedSeconds = async (request: typeof requestHttp1): Promise<string | undefined> => {
    const { body } = await request(place, { path: "/metrics" });
    return /^process_start_time_seconds (\S+)$/m.exec(body)?.[1];
  };
  const seen = new Set<string | undefined>();
  for (let scrape = 0; scrape < 20; scrape++) {
    seen.add(await startedSeconds(scrape % 2 === 0 ? requestHttp1 : requestHttp2));
  }
  expect(seen.size).toBe(1);
  const [started] = seen;
  expect(Math.abs(Number(started) - (Date.now() / 1000 - process.uptime()))).toBeLessThan(1);
});
