import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { sizeOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";
import { startProvider } from "../support/provider-process.js";
import { runCommand, runCommandHere, startCachesForCommands } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const linesOf = ({ stdout }: { stdout: Buffer }): string[] =>
  stdout.toString().split("\n").slice(0, -1);
const jsonOf = (result: { stdout: Buffer }): unknown[] =>
  linesOf(result).map((line) => JSON.parse(line) as unknown);

describe("clock", () => {
  test("is shown, frozen, advanced and resumed", async () => {
    const { run, caches } = await startCachesForCommands({ clock: "manual" });
    await run(["set", "a", "1", "--ttl", "1h"]);
    await run(["set", "b", "1"]);
    expect(linesOf(await run(["clock"]))).toEqual(["frozen at 0s, 0s of it advanced"]);
    expect(linesOf(await run(["clock", "advance", "1h"]))).toEqual([
      "frozen at 1h, 1h of it advanced; 1 expired",
    ]);
    expect(jsonOf(await run(["clock", "advance", "365d", "--json"]))).toEqual([
      { frozen: true, elapsedMs: 31_539_600_000, advancedMs: 31_539_600_000, expired: 0 },
    ]);
    expect(jsonOf(await run(["clock", "resume", "--json"]))).toMatchObject([{ frozen: false }]);
    expect(jsonOf(await run(["clock", "freeze", "--json"]))).toMatchObject([{ frozen: true }]);
    expect(caches.entries().map(({ key }) => key)).toEqual(["b"]);
  });

  test.each([
    [["advance"], "clock advance needs a duration, such as 5m"],
    [["advance", "5"], /clock advance: .*5m/],
    [["advance", "4000000d"], /clock advance: .*3652500d/],
    [["freeze", "5m"], "clock freeze takes no duration"],
    [["back"], "'back' is invalid for argument 'action'"],
  ])("%j exits with 2 and names the problem", async (words, problem) => {
    const { run } = await startCachesForCommands();
    const { code, stderr } = await run(["clock", ...words]);
    expect(code).toBe(2);
    expect(stderr).toMatch(problem);
  });
});

describe("fault", () => {
  test.each([
    ["get=unavailable:2", { methods: ["Get"], fail: { code: "unavailable" }, times: 2 }],
    ["set=200ms", { methods: ["Set"], delay: "0.200s" }],
    ["*=miss@20%~7", { methods: ["Get", "GetMany", "Touch"], probability: 0.2, seed: 7 }],
    ["get,set-many/a/b=c:=lost:1+3", { keyPrefix: "a/b=c:", loseReply: {}, times: 1, skip: 3 }],
    ["*/x=ABORTED@0.5%~0", { keyPrefix: "x", fail: { code: "aborted" }, probability: 0.005 }],
  ])("add %s adds the rule, and list prints it", async (text, rule) => {
    const { run } = await startCachesForCommands();
    const added = await run(["fault", "add", text, "--json"]);
    expect(added.stderr).toBe("");
    expect(jsonOf(added)).toMatchObject([{ id: 1, rule, selected: "0", applied: "0" }]);
    const written = text.replace("set-many", "setMany").replace("ABORTED", "aborted");
    expect(linesOf(await run(["fault"]))).toEqual([`1  ${written}  applied to 0 of 0 calls`]);
  });

  test("rules apply until they are cleared", async () => {
    const { run } = await startCachesForCommands();
    await run(["fault", "add", "set=unavailable", "get=lost"]);
    expect((await run(["set", "a", "1"])).code).toBe(3);
    expect(linesOf(await run(["fault", "clear", "1"]))).toEqual([
      "1  set=unavailable  applied to 1 of 1 calls",
    ]);
    expect((await run(["set", "a", "1"])).code).toBe(0);
    expect((await run(["get", "a"])).code).toBe(3);
    await run(["fault", "clear"]);
    expect((await run(["get", "a"])).code).toBe(0);
  });

  test.each([
    [["add"], "fault add needs a rule"],
    [["add", "get"], "Use METHODS[/PREFIX]=EFFECT, such as get=unavailable:2"],
    [["add", "get=unavailable:0"], "times must be a whole number above 0"],
    [["add", "get=miss@0%"], "probability must be above 0"],
    [["add", "set=miss"], "set cannot miss; only get, getMany, touch can"],
    [["add", "got=miss"], 'Unknown method "got"; use get, getMany'],
    [["add", "get=gone"], 'Unknown effect "gone"; use a gRPC status'],
    [["clear", "x"], '"x" is not the number of a rule'],
    [["list", "x"], "fault list takes no arguments"],
  ])("%j exits with 2 and names the problem", async (words, problem) => {
    const { run } = await startCachesForCommands();
    const { code, stderr } = await run(["fault", ...words]);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain(problem);
  });

  test("a rule that an earlier one hides is refused by the server", async () => {
    const { run } = await startCachesForCommands();
    const { code, stderr } = await run(["fault", "add", "*=unavailable", "get=miss"]);
    expect(code).toBe(3);
    expect(stderr).toContain("because earlier rules (1) apply");
  });
});

describe("keys", () => {
  test("lists entries in order of use, with a prefix, a limit, and their sizes", async () => {
    const { run } = await startCachesForCommands({
      clock: "manual",
      seed: [
        { key: "user:1", value: "Ada", ttlMs: 90_000 },
        { key: "line\nbreak", value: "" },
        { key: "user:2", value: "Grace" },
      ],
    });
    expect(linesOf(await run(["keys"]))).toEqual(["user:1", "line\\nbreak", "user:2"]);
    expect(linesOf(await run(["keys", "user:", "--newest", "--limit", "1"]))).toEqual(["user:2"]);
    expect(jsonOf(await run(["keys", "user:", "--json"]))).toEqual([
      { key: "user:1", size: 9, charge: 372, ttl: "1m30s" },
      { key: "user:2", size: 11, charge: 278 },
    ]);
    expect(linesOf(await run(["keys", "--long"]))[0]).toMatch(/^ +9 B +1m30s {2}user:1$/);
  });

  test("lists as many entries as there are for a higher limit", async () => {
    const { run } = await startCachesForCommands({ seed: [{ key: "a", value: "" }] });
    expect(linesOf(await run(["keys", "--limit", "9007199254740991"]))).toEqual(["a"]);
  });

  test("lists each of 10,500 entries once, from several pages", async () => {
    const seed = Array.from({ length: 10_500 }, (_, index) => ({ key: String(index), value: "" }));
    const { run } = await startCachesForCommands({ seed });
    expect(linesOf(await run(["keys"]))).toEqual(seed.map(({ key }) => key));
  });
});

/** Several pages of entries in either direction. */
const MANY = sizeOf({ sample: 20_000, full: 100_000 });

describe("dump and load", () => {
  test("restore the entries after a reset, TTLs included", async () => {
    const { runProcess, run, caches } = await startCachesForCommands({ clock: "manual" });
    const seed = [
      { key: "\uFEFFmark", value: "\uFEFFtext", ttlMs: 1 },
      { key: "mark", value: "other" },
      {
        key: "\u0000\u001b\u2028__proto__\n",
        value: randomBytes(1_000),
        ttlMs: 315_576_000_000_000,
      },
      { key: "", value: "", ttlMs: 86_400_001 },
      { key: "__proto__", value: Buffer.of(0xff) },
      { key: "🎉".repeat(3_000), value: "é", ttlMs: 5 },
      { key: "large", value: randomBytes(4_000_000) },
      { key: "large 2", value: randomBytes(700_000), ttlMs: 7 },
    ];
    const file = join(tempDirectory(), "entries.jsonl");
    writeFileSync(
      file,
      seed
        .map(({ key, value, ttlMs }) => {
          const base64 = Buffer.from(value).toString("base64");
          return JSON.stringify({
            key,
            base64,
            ...(ttlMs === undefined ? {} : { ttl: `${ttlMs}ms` }),
          });
        })
        .join("\n"),
    );
    const loaded = await run(["load", file, "--json"]);
    expect(loaded).toMatchObject({ code: 0, stderr: "" });
    const before = caches.entries();
    expect(before.map(({ key, ttlMs }) => ({ key, ttlMs }))).toEqual(
      seed.map(({ key, ttlMs }) => ({ key, ttlMs })),
    );
    const dump = await runProcess(["dump"]);
    expect(dump).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(await run(["reset"]))).toEqual(["removed entries: 8"]);
    expect(caches.entries()).toEqual([]);
    expect(linesOf(await runProcess(["load", "-"], dump.stdout))).toEqual(["wrote entries: 8"]);
    // As text: a comparison of long arrays takes a minute.
    const shown = (entries: typeof before): object[] =>
      entries.map((entry) => ({ ...entry, value: Buffer.from(entry.value).toString("base64") }));
    expect(shown(caches.entries())).toEqual(shown(before));
  });

  test(`keep the order of use and the TTLs of ${MANY} entries`, async () => {
    const { runProcess, run, caches } = await startCachesForCommands({
      clock: "manual",
      seed: Array.from({ length: MANY }, (_, index) => ({
        key: `key ${index}`,
        value: Buffer.of(index, index >> 8, 0xff),
        ttlMs: 1_000 + ((index * 7_919) % 100_003),
      })),
    });
    await caches.clock.advance(500);
    const before = caches.entries();
    expect(before).toHaveLength(MANY);
    const dump = await runProcess(["dump"]);
    expect(jsonOf(await run(["reset", "--json"]))).toEqual([{ entries: MANY }]);
    expect((await runProcess(["load", "-"], dump.stdout)).stderr).toBe("");
    // Compared as text: the difference of two long lists takes minutes to show.
    const shown = (entries: typeof before): string =>
      entries.map(({ key, ttlMs, value }) => `${key} ${ttlMs} ${value.join()}`).join("\n");
    expect(shown(caches.entries()) === shown(before)).toBe(true);
  });

  test.each([
    ['{"key":"a","value":"","ttl":"0s"}', 'line 1 has a "ttl" that is no time'],
    ['{"key":"a","value":"","ttl":5}', 'line 1 has a "ttl" that is no time'],
    ['{"key":"a","value":"","ttl":"4000000d"}', 'line 1 has a "ttl" that is no time'],
    ['{"key":"a"}', "line 1 is not"],
  ])("fail for a wrong line with its number, and write nothing: %s", async (line, problem) => {
    const { run, caches } = await startCachesForCommands();
    const file = join(tempDirectory(), "entries.jsonl");
    writeFileSync(file, `${line}\n{"key":"b","value":""}`);
    const { code, stderr } = await run(["load", file]);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
    expect(caches.entries()).toEqual([]);
  });
});

test("monitor shows calls as they come, and never values", async () => {
  const { run, runProcess, caches } = await startCachesForCommands();
  const watched = runProcess(["monitor", "--count", "2", "--json"]);
  const shown = runProcess(["monitor", "--count", "2"]);
  // Commands of their own, until both have seen two calls.
  const over = new AbortController();
  const both = Promise.all([watched, shown]).finally(() => over.abort());
  while (!over.signal.aborted) await run(["set-many", "a=secret", "b=secret"]);
  const [json, text] = await both;
  expect(jsonOf(json)).toMatchObject([
    { method: "SetMany", keys: ["a", "b"], keyCount: 2, bytes: 12, status: "ok" },
    { method: "SetMany" },
  ]);
  expect(json.stdout.toString()).not.toContain("secret");
  expect(linesOf(text)[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} {2}SetMany {2}"a" "b" {2}12 B {2}ok {2}\d+\.\d{3} ms$/,
  );
  expect(json.stderr).toContain("watching");
  expect(caches.calls().length).toBeGreaterThan(1);
});

describe("exec with the flags of Control", () => {
  test("starts with seeded entries, a manual clock and fault rules, and records calls", async () => {
    const directory = tempDirectory();
    const seed = join(directory, "seed.jsonl");
    const record = join(directory, "calls.jsonl");
    writeFileSync(seed, '{"key":"a","value":"1","ttl":"1h"}\n{"key":"b","base64":"/w=="}\n');
    const script = `
      const { commandUnderTest } = process.env;
      const run = (...args) => require("node:child_process").spawnSync(
        JSON.parse(commandUnderTest)[0], [...JSON.parse(commandUnderTest).slice(1), ...args],
        { encoding: "utf8" });
      const out = [run("get", "a"), run("get", "a"), run("clock", "advance", "1h"), run("keys")];
      console.log(JSON.stringify(out.map(({ status, stdout }) => [status, stdout])));`;
    const { commandUnderTest } = await import("../support/provider-process.js");
    const flags = ["--seed", seed, "--clock", "manual", "--fault", "get=aborted:1"];
    const result = await runCommand(
      ["exec", "--bind", "x", ...flags, "--record", record, "--", process.execPath, "-e", script],
      { env: { commandUnderTest: JSON.stringify(commandUnderTest) } },
    );
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout.toString())).toEqual([
      [3, ""],
      [0, "1"],
      [0, "frozen at 1h, 1h of it advanced; 1 expired\n"],
      [0, "b\n"],
    ]);
    const calls = readFileSync(record, "utf8").trim().split("\n");
    expect(calls.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { binding: "x", method: "Get", keys: ["a"], status: "aborted", fault: 1 },
      { binding: "x", method: "Get", keys: ["a"], hits: 1, bytes: 1, status: "ok" },
    ]);
  });

  test.each([
    [["--seed", "/nowhere/x"], "cannot read /nowhere/x"],
    [["--fault", "get=miss:0"], "times must be a whole number above 0"],
    [["--fault", "*=lost", "--fault", "get=lost"], "because earlier rules (1) apply"],
    [["--clock", "fast"], "Allowed choices are real, manual"],
  ])("exits with 2 for %j and names the problem", async (flags, problem) => {
    const { code, stderr } = await runCommandHere(["exec", ...flags, "--", "true"]);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain(problem);
  });

  test("exits with 125 when the record cannot be written", async () => {
    const { code, stderr } = await runCommandHere(["exec", "--record", "/nowhere/x", "--", "true"]);
    expect(code).toBe(125);
    expect(stderr).toContain("cannot write /nowhere/x");
  });
});

test.each([["clock"], ["fault"], ["keys"], ["dump"], ["reset"], ["monitor"]])(
  "the error of %s for a server without Control names a command that offers it",
  async (command) => {
    const { socketPath } = await startProvider();
    const { code, stderr } = await runCommandHere([command, "--target", socketPath]);
    expect(code).toBe(3);
    expect(stderr).toContain("this server does not offer Control; exec does");
  },
);

test.each([["clock"], ["fault"], ["keys"], ["dump"], ["load"], ["reset"], ["monitor"]])(
  "%s has examples and --json in its help",
  async (command) => {
    const { stdout } = await runCommandHere([command, "--help"]);
    expect(stdout.toString()).toContain("--json");
    expect(stdout.toString()).toMatch(
      new RegExp(`Examples:\n {2}\\$ gestalt-cache-memory ${command}`),
    );
  },
);
