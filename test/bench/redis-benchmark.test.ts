import { expect, test } from "vitest";
import { parseRedisCsv } from "../../bench/load/redis-benchmark.js";

// The output of redis-benchmark 7.0.15.
const CSV = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"SET","51679.59","0.783","0.120","0.343","3.663","7.119","13.511"
"GET","52493.44","0.878","0.136","0.335","4.327","8.279","10.223"
`;

test("parseRedisCsv parses the rate and the percentiles of each command", () => {
  expect(parseRedisCsv(CSV)).toEqual([
    { command: "SET", callsPerSecond: 51679.59, p50Ms: 0.343, p99Ms: 7.119 },
    { command: "GET", callsPerSecond: 52493.44, p50Ms: 0.335, p99Ms: 8.279 },
  ]);
});

test("parseRedisCsv fails for output without a column, and shows it", () => {
  expect(() => parseRedisCsv(CSV.replace("p99", "p99.9"))).toThrow(/p99_latency_ms in:\n"test"/);
});
