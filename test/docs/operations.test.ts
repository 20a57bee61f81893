import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createServeCommand } from "../../src/cli/serve-command.js";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { CallCounts } from "../../src/standalone/metrics/call-counts.js";
import { metricsPage } from "../../src/standalone/metrics/metrics-page.js";
import { repositoryRoot } from "../support/provider-process.js";

const page = readFileSync(join(repositoryRoot, "docs/operations.md"), "utf8");

test("docs/operations.md lists every metric with its type, and no other", () => {
  const calls = new CallCounts();
  calls.add(Cache.method.get, 0);
  const zero = { entries: 0, bytes: 0, maxBytes: 0, hits: 0, misses: 0, sets: 0 };
  const rest = { overwrites: 0, deletes: 0, touches: 0, expired: 0, evicted: 0, refused: 0 };
  const text = metricsPage([{ binding: "", calls, statistics: () => ({ ...zero, ...rest }) }], {
    version: "",
    callsInFlight: () => 0,
    bytesInFlight: () => 0,
    denied: () => 0,
  });
  const shown = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, ...pair]) => pair);
  const listed = [...page.matchAll(/^\| `(\w+)` +\| (gauge|counter) +\|/gm)].map(
    ([, ...pair]) => pair,
  );
  expect(listed.sort()).toEqual(shown.sort());
});

test("the page tells of every flag of its own that serve has", () => {
  const flags = createServeCommand().options.map(({ long }) => long ?? "");
  expect(flags).toContain("--insecure-no-token");
  // How a cache is configured is told elsewhere.
  const elsewhere = ["--config", "--store", "--max-entries", "--max-entry-bytes", "--shared"];
  const missing = flags.filter((flag) => !elsewhere.includes(flag) && !page.includes(`\`${flag}`));
  expect(missing).toEqual([]);
});
