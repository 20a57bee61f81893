import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { loadCommands } from "../../src/cli/commands.js";
import { callJson, callText } from "../../src/cli/control/call-lines.js";
import { shellWord } from "../../src/cli/shell-word.js";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { runCommandHere, startCachesForCommands } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe("a command whose output cannot be written", () => {
  test.each(
    sampleOf(3, [
      [["get", "key"], 3],
      [["get", "--format", "hex", "key"], 3],
      [["get-many", "key", "key"], 3],
      [["stats"], 3],
      [["stats", "--json"], 3],
      [["stats", "--watch", "--interval", "10ms"], 3],
      [["conformance", "--list"], 1],
    ]),
  )("%j > /dev/full exits with %i and prints one line", async (args, code) => {
    const { caches, run } = await startCachesForCommands();
    await run(["set", "key", "value"]);
    const words = [...commandUnderTest, ...args].map(shellWord).join(" ");
    const { stdout, stderr } = await promisify(execFile)(
      "sh",
      ["-c", `${words} > /dev/full; echo $?`],
      { env: { ...reducedEnvironment(), ...caches.env } },
    );
    expect(stderr).toBe(
      "gestalt-cache-memory: cannot write to standard output: no space left on the device\n",
    );
    expect(stdout).toBe(`${code}\n`);
  });

  test("exits with 3, not with 1, for values of any length", async () => {
    const { caches, runProcess } = await startCachesForCommands();
    await runProcess(["set", "key", "-"], Buffer.alloc(1_000_000));
    const words = [...commandUnderTest, "get", "key"].map(shellWord).join(" ");
    const { stdout } = await promisify(execFile)("sh", ["-c", `${words} > /dev/full; echo $?`], {
      env: { ...reducedEnvironment(), ...caches.env },
    });
    expect(stdout).toBe("3\n");
  });
});

test.each([
  ["set", "key", "-"],
  ["set-many", "-"],
])("a command whose input cannot be read exits with 3: %s", async (...args) => {
  const { caches } = await startCachesForCommands();
  const words = [...commandUnderTest, ...args].map(shellWord).join(" ");
  const { stdout } = await promisify(execFile)("sh", ["-c", `${words} < /; echo $?`], {
    env: { ...reducedEnvironment(), ...caches.env },
  });
  expect(stdout).toBe("3\n");
});

describe("output on a terminal", () => {
  const NASTY = "\u001b[2J\u009b31m\u007f\u202e";

  function pretendTerminal(): void {
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    onTestFinished(() => void (process.stdout.isTTY = isTTY));
  }

  test.each([
    ["get", NASTY],
    ["get", "--format", "text", NASTY],
    ["get-many", NASTY],
    ["keys"],
    ["keys", "--json"],
    ["dump"],
    ["fault", "add", `get/${NASTY}=miss`],
    ["fault", "add", "--json", `get/${NASTY}=miss`],
  ])("of %s %s contains no control character", async (...args) => {
    const { run } = await startCachesForCommands();
    await run(["set", NASTY, NASTY]);
    pretendTerminal();
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(/^[\x20-\x7e]+\n$/);
  });

  test.each([
    ["get", NASTY],
    ["get", "--target", `/nowhere/${NASTY}`, "key"],
    ["get", "--target", `${NASTY}://a:1`, "key"],
    ["get", "--bind", NASTY, "key"],
    ["get", "--token-file", `/nowhere/${NASTY}`, "key"],
    ["set-many", NASTY],
    ["set", "--ttl", NASTY, "key", "value"],
    ["serve", "--config", `/nowhere/${NASTY}`],
    ["serve", "--listen", `${NASTY}://a:1`],
    [NASTY],
  ])("of an error about %j contains no control character", async (...args) => {
    const { run } = await startCachesForCommands();
    const { code, stderr } = await run(args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^[\x20-\x7e…]+\n$/);
  });

  test("of monitor contains no control character of a key, as text and as JSON", () => {
    const line = {
      ...{ timeMs: 0, method: "Get", keys: [NASTY], keyCount: 1, hits: 0, misses: 1, bytes: 0 },
      ...{ status: "ok", durationMs: 0.1, faultId: 0 },
    };
    expect(callText(line)).toMatch(/^[\x20-\x7e]+\n$/);
    expect(callJson(line)).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(callJson(line))).toMatchObject({ keys: [NASTY] });
  });

  test("of exec contains no control character of a file's name", () => {
    const words = ["exec", "--stats-file", `/nowhere/${NASTY}`, "--", "true"];
    const [program = "", ...args] = [...commandUnderTest, ...words];
    const { stderr } = spawnSync(program, args, { encoding: "utf8", env: reducedEnvironment() });
    expect(stderr).toMatch(/^gestalt-cache-memory: cannot write [\x20-\x7e]+\n$/);
  });

  test("of a conformance report contains no control character of the socket's name", async () => {
    pretendTerminal();
    const target = `/nowhere/${NASTY}`;
    const args = ["conformance", "--target", target, "--only", "get", "--timeout", "1s"];
    const { stdout } = await runCommandHere(args);
    expect(stdout.toString()).toContain("does not pass the selected cases");
    expect(stdout.toString()).toMatch(/^[\x20-\x7e\n]+$/);
  });

  test("of stats --watch contains no control character of an unreachable socket's name", async () => {
    pretendTerminal();
    const { stderr } = await runCommandHere(["stats", "--watch", "--target", `/nowhere/${NASTY}`]);
    expect(stderr).toMatch(/^[\x20-\x7e]+\n$/);
  });
});

test("the help of an option shows its default once", async () => {
  for (const command of await loadCommands([])) {
    const help = command.createHelp();
    for (const option of help.visibleOptions(command)) {
      const described = help.optionDescription(option);
      expect(
        described.match(/default/g)?.length ?? 0,
        `${command.name()}: ${described}`,
      ).toBeLessThan(2);
    }
  }
});

test("the help shows the default of a duration with its unit", async () => {
  const { stdout } = await runCommandHere(["stats", "--help"]);
  expect(stdout.toString()).toContain("time between two readings with --watch (default: 1s)\n");
});
