import { describe, expect, test, vi } from "vitest";
import { formatDurationMs, parseDurationMs } from "../../src/cli/duration-text.js";
import { runConformance } from "../../src/conformance/run-conformance.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { runCommandHere, startCachesForCommands } from "./run-command.js";

vi.setConfig({ testTimeout: 60_000 });

test.each([
  ["250ms", 250],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  ["0s", 0],
  ["0.0001ms", 1],
  ["1.1ms", 2],
  ["0.07s", 70],
  ["1.005s", 1_005],
  ["0.5ms0.5ms", 1],
  ["1s0.25ms", 1_001],
  ["24d20h31m23s647ms", 2_147_483_647],
  [`${"9".repeat(400)}d`, Infinity],
  ["5", undefined],
  ["", undefined],
  ["-5s", undefined],
  ["5 s", undefined],
  ["1e3s", undefined],
  ["1.s", undefined],
  [".5s", undefined],
  ["5w", undefined],
  ["5S", undefined],
])("parseDurationMs(%j) is %s", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each([0, 1, 999, 1_000, 61_000, 3_600_000, 2_147_483_647, 90_061_001])(
  "parseDurationMs reads what formatDurationMs writes for %i ms",
  (ms) => {
    expect(parseDurationMs(formatDurationMs(ms))).toBe(ms);
  },
);

describe("a duration out of range fails with the bounds", () => {
  const TIMER = "to 24d20h31m23s647ms";
  test.each([
    [["stats", "--watch", "--interval", "30d"], `Use a duration from 10ms ${TIMER}`],
    [["stats", "--watch", "--interval", "2147483648ms"], `Use a duration from 10ms ${TIMER}`],
    [["stats", "--watch", "--interval", "9ms"], `Use a duration from 10ms ${TIMER}`],
    [["stats", "--timeout", "25d", "--watch"], `Use a duration from 0s ${TIMER}`],
    [["get", "--timeout", "600h", "key"], `Use a duration from 0s ${TIMER}`],
    [["get-many", "--timeout", `${"9".repeat(400)}s`, "key"], `Use a duration from 0s ${TIMER}`],
    [["set", "--timeout", "1000000d", "key", "v"], `Use a duration from 0s ${TIMER}`],
    [["set-many", "--timeout", "30d", "key=v"], `Use a duration from 0s ${TIMER}`],
    [["delete", "--timeout", "30d", "key"], `Use a duration from 0s ${TIMER}`],
    [["touch", "--ttl", "1s", "--timeout", "30d", "key"], `Use a duration from 0s ${TIMER}`],
    [["conformance", "--ttl-unit", "2h", "--", "true"], "Use a duration from 1ms to 1h"],
    [["conformance", "--ttl-unit", "0s", "--", "true"], "Use a duration from 1ms to 1h"],
    [["conformance", "--timeout", "30d", "--", "true"], "Use a duration from 1ms to 1h"],
    [["conformance", "--start-timeout", "25d", "--", "true"], "Use a duration from 1ms to 1h"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await runCommandHere(args);
    expect(stderr).toContain(message);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(code).toBe(2);
    expect(stdout).toHaveLength(0);
  });
});

test.each(["27h", "1.5h", "0s"])("--timeout %s works", async (timeout) => {
  const { run } = await startCachesForCommands();
  expect((await run(["set", "key", "value", "--timeout", timeout])).code).toBe(0);
});

test("a TTL may be longer than the longest delay of a timer", async () => {
  const { run } = await startCachesForCommands();
  expect((await run(["set", "--ttl", "3000d", "key", "value"])).code).toBe(0);
  expect((await run(["touch", "--ttl", "3652500d", "key"])).code).toBe(0);
  expect((await run(["touch", "--ttl", "3652501d", "key"])).stderr).toContain("10,000 years");
  expect((await run(["get", "key"])).stdout.toString()).toBe("value");
});

test.each(["ttlUnitMs", "callTimeoutMs", "startTimeoutMs"])(
  "runConformance fails for a %s outside its bounds",
  async (name) => {
    for (const ms of [0, -1, NaN, 3_600_001, Infinity]) {
      const run = runConformance(() => createMemoryCacheProvider(), { [name]: ms, only: ["ttl"] });
      await expect(run).rejects.toThrow(`${name} must be from 1 to 3600000 ms (got ${ms})`);
    }
  },
);
