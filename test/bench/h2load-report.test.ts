import { expect, test } from "vitest";
import { parseH2loadLog, parseH2loadReport } from "../../bench/load/h2load-report.js";

// The output of h2load 1.52, without the progress lines.
const REPORT = `starting benchmark...
spawning thread #0: 2 total client(s). 100 total requests

finished in 125.66ms, 795.83 req/s, 41.69KB/s
requests: 100 total, 100 started, 100 done, 100 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 100 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 5.24KB (5364) total, 370B (370) headers (space savings 94.79%), 2.05KB (2100) data
`;

test("parseH2loadReport parses the speed and the reply bytes of the summary", () => {
  expect(parseH2loadReport(REPORT, 100)).toEqual({ callsPerSecond: 795.83, replyBytes: 2100 });
});

test.each([
  ["fewer successes than calls", REPORT.replace("100 succeeded", "99 succeeded")],
  ["no successes at all", REPORT.replace(/^requests: .*$/m, "")],
  ["no summary", "starting benchmark..."],
])("parseH2loadReport fails for %s with the output of h2load", (_what, report) => {
  expect(() => parseH2loadReport(report, 100)).toThrow(/of 100 calls succeeded\n[^]*starting/);
});

test("parseH2loadLog parses the latencies of the log as ascending milliseconds", () => {
  const log = "1795441873708763\t200\t53202\n1795441873708764\t200\t259\n";
  expect([...parseH2loadLog(log)]).toEqual([0.259, 53.202]);
});
