import { expect, test } from "vitest";
import { hasGo } from "../../bench/servers/grpc-go-server.js";
import { startProcess } from "../support/child-process.js";
import { BENCH_RUNNER, runBench } from "./run-bench.js";

/** Enough on a machine that is busy with other tests. */
const TIMEOUT_MS = 120_000;

test(
  "bench measures Get on every server",
  async () => {
    const { stdout, figures } = await runBench(
      "bench",
      ...["--only", "get", "--quick", "--rounds", "2", "--seconds", "0.02"],
    );
    const measured = expect.arrayContaining([expect.any(Number)]) as number[];
    const servers = {
      node: measured,
      blocks: measured,
      connect: measured,
      "grpc-js": measured,
      floor: measured,
      frames: measured,
      ...(hasGo() ? { "grpc-go": measured } : {}),
    };
    expect(figures).toEqual({ get: { callsPerSecond: servers, cpuUsPerCall: servers } });
    expect(stdout).toMatch(/to floor .*\n.*\n\| this provider, Node +\| [\d,.]+/);
  },
  TIMEOUT_MS,
);

test(
  "bench measures everything else with its own load generator",
  async () => {
    const { stdout, figures } = await runBench(
      "bench",
      ...["--servers", "node,floor", "--load", "node"],
      ...["--quick", "--rounds", "1", "--seconds", "0.02"],
    );
    expect(Object.keys(figures)).toEqual([
      ...["get", "set", "latency", "redis", "batches", "values", "cold-start", "store", "mixed"],
      ...["scaling", "shared-cache"],
    ]);
    expect(stdout.match(/^\| this provider, Node +\|/gm)).toHaveLength(4);
    expect(stdout).not.toContain("NaN");
  },
  TIMEOUT_MS,
);

test(
  "bench -- memory fills a provider past its bound and counts what is held",
  async () => {
    const { figures } = await runBench(
      "bench-memory",
      ...["--max-mib", "1,2", "--values", "100", "--settle", "10"],
    );
    const answers = figures["memory"] as {
      store: string;
      maxBytes: number;
      held: number;
      written: number;
    }[];
    expect(answers.map(({ store, maxBytes }) => [store, maxBytes])).toEqual([
      ["lru", 2 ** 20],
      ["lru", 2 ** 21],
      ["blocks", 2 ** 20],
      ["blocks", 2 ** 21],
    ]);
    for (const { store, maxBytes, held, written } of answers) {
      // An entry costs at least its 16 + 100 bytes, and at most what the documentation promises.
      expect(held).toBeLessThan(maxBytes / 116);
      expect(held).toBeGreaterThan(maxBytes / (store === "lru" ? 420 : 215));
      expect(written).toBeGreaterThan(3 * held);
    }
  },
  TIMEOUT_MS,
);

test(
  "bench -- expiry lets entries expire under readers and alone",
  async () => {
    const { figures } = await runBench(
      "bench-expiry",
      ...["--quick", "--entries", "2000", "--spread", "0.2", "--reads", "200", "--bounds", "1"],
    );
    const expiry = {
      during: { readerP999Ms: expect.any(Number) as number },
      emptied: { entriesLeft: 0, afterLastMs: expect.any(Number) as number },
      leftInIdleProcess: { entriesLeft: 0 },
    };
    expect(figures).toMatchObject({ "expiry-lru": expiry, "expiry-blocks": expiry });
    expect(figures["holds"]).toMatchObject([
      { store: "lru", bound: 1 },
      { store: "blocks", bound: 1 },
    ]);
  },
  TIMEOUT_MS,
);

test.each([
  [["--only", "nothing"], "no measurement named nothing"],
  [["--rounds", "0"], "--rounds must be a number above 0, got 0"],
  [["--servers", "node,other"], "no server named other"],
  [["--unknown"], "--unknown"],
])("wrong options are refused in words: %j", async (options, message) => {
  const bench = startProcess([process.execPath, BENCH_RUNNER, "bench", ...options]);
  expect((await bench.ended).code).toBe(2);
  expect(bench.stderr()).toContain(message);
  expect(bench.stderr()).not.toContain("    at ");
});
