import { describe, expect, test, vi } from "vitest";
import { sparkline } from "../../src/cli/client/sparkline.js";
import { StatisticsHistory } from "../../src/cli/client/statistics-history.js";
import { statisticsLine, statisticsRows } from "../../src/cli/client/statistics-view.js";
import { createOperationCounts } from "../../src/memory/statistics.js";
import type { StatisticsFigures } from "../../src/standalone/services/statistics-service.js";
import { startGrpcJsCacheServer } from "../client/grpc-js-cache-server.js";
import { tempSocketPath } from "../support/temp-directory.js";
import { runCommandHere, startCachesForCommands } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

function figures(some: Partial<StatisticsFigures>): StatisticsFigures {
  return { ...createOperationCounts(), entries: 0, bytes: 0, maxBytes: 1_024, ...some };
}

describe("stats", () => {
  test("prints the statistics of a binding as text and as JSON", async () => {
    const { run } = await startCachesForCommands({ bindings: ["a", "b"] });
    await run(["set", "--bind", "a", "key", "value"]);
    const people = await run(["stats", "--bind", "a"]);
    expect(people.stdout.toString()).toMatch(/^served 0 reads .*, 1 write,.*\nheld 1 entry,.*\n$/);
    const json = await run(["stats", "--bind", "a", "--json"]);
    expect(JSON.parse(json.stdout.toString())).toMatchObject({ entries: 1, sets: 1, hits: 0 });
    const other = await run(["stats", "--bind", "b", "--json"]);
    expect(JSON.parse(other.stdout.toString())).toMatchObject({ entries: 0, sets: 0 });
  });

  test("works on the shared socket of newer hosts", async () => {
    const { caches, run } = await startCachesForCommands({ bindings: ["a", "b"] });
    await run(["set", "--bind", "b", "key", "value"]);
    const { GESTALT_HOST_SERVICE_SOCKET = "" } = caches.env;
    const { stdout } = await runCommandHere([
      "stats",
      "--json",
      "--bind",
      "b",
      "--target",
      GESTALT_HOST_SERVICE_SOCKET,
    ]);
    expect(JSON.parse(stdout.toString())).toMatchObject({ entries: 1 });
  });

  test("--watch prints a line for each reading without a terminal", async () => {
    const { run } = await startCachesForCommands();
    const watch = ["stats", "--watch", "--interval", "10ms", "--count", "3"];
    const { stdout } = await run(watch);
    const line =
      "hit ratio no reads, operations 0/s, memory 0 B of 64 MiB, evictions 0/s, entries 0";
    expect(stdout.toString().split("\n")).toEqual([line, line, line, ""]);
    const lines = (await run([...watch, "--json"])).stdout.toString().trim().split("\n");
    expect(lines.map((text) => (JSON.parse(text) as StatisticsFigures).maxBytes)).toEqual([
      67_108_864, 67_108_864, 67_108_864,
    ]);
  });

  test("fails for a server without statistics, and without a server", async () => {
    const path = tempSocketPath();
    await startGrpcJsCacheServer(`unix://${path}`);
    const other = await runCommandHere(["stats", "--target", path]);
    expect(other.stderr).toContain(
      "the server has no statistics service; caches of serve and exec have one",
    );
    expect(other.code).toBe(3);
    const none = await runCommandHere(["stats", "--watch", "--target", "/nowhere/x.sock"]);
    expect(none.stderr).toContain("the socket does not exist; is the server running?");
    expect(none.code).toBe(3);
  });
});

describe("StatisticsHistory", () => {
  test("computes the change between two readings", () => {
    const history = new StatisticsHistory(10);
    history.add(figures({ hits: 5, misses: 5, sets: 1 }), 1_000);
    expect(history.changes).toEqual([]);
    history.add(figures({ hits: 8, misses: 6, sets: 5, evicted: 1, bytes: 512 }), 3_000);
    history.add(figures({ hits: 8, misses: 6, sets: 5, evicted: 1, bytes: 512 }), 4_000);
    expect(history.changes).toEqual([
      { hitRatio: 0.75, operationsPerSecond: 4, evictionsPerSecond: 0.5, bytes: 512 },
      { hitRatio: undefined, operationsPerSecond: 0, evictionsPerSecond: 0, bytes: 512 },
    ]);
  });

  test("is cleared when the counts decrease, and drops old changes", () => {
    const history = new StatisticsHistory(2);
    for (let look = 1; look <= 5; look++) history.add(figures({ sets: look }), look * 1_000);
    expect(history.changes).toHaveLength(2);
    history.add(figures({ sets: 1 }), 6_000);
    expect(history.changes).toEqual([]);
    expect(history.figures?.sets).toBe(1);
  });
});

test("statisticsRows returns a row for each figure, no wider than the terminal", () => {
  const history = new StatisticsHistory(100);
  history.add(figures({}), 0);
  history.add(figures({ hits: 1, misses: 1, sets: 1_000, bytes: 512, entries: 7 }), 1_000);
  history.add(
    figures({ hits: 2, misses: 1, sets: 3_000, bytes: 1_024, evicted: 20, entries: 1_234 }),
    2_000,
  );
  expect(statisticsRows(history, 80)).toEqual([
    "hit ratio   100.0%                ▅█",
    "operations  2,001/s               ▅█",
    "memory      1 KiB of 1 KiB        ▅█",
    "evictions   20/s                  ▁█",
    "entries     1,234                 ",
  ]);
  expect(statisticsRows(history, 20)[0]).toBe("hit ratio   100.0%  ");
  expect(statisticsLine(history)).toBe(
    "hit ratio 100.0%, operations 2,001/s, memory 1 KiB of 1 KiB, evictions 20/s, entries 1,234",
  );
});

test("sparkline shows gaps, clamps values and handles a full value of 0", () => {
  expect(sparkline([0, 0.5, undefined, 1, 2, -1], { width: 10, full: 1 })).toBe("▁▅ ██▁");
  expect(sparkline([1, 2, 3], { width: 2, full: 3 })).toBe("▆█");
  expect(sparkline([0, 0], { width: 2, full: 0 })).toBe("▁▁");
});
