import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { startGrpcJsCacheServer } from "../client/grpc-js-cache-server.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { runCommandHere, startCachesForCommands } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const DONE = { code: 0, stdout: Buffer.alloc(0), stderr: "" };

describe("get and set", () => {
  test("write and read 1 MiB of random bytes through pipes unchanged", async () => {
    const { runProcess } = await startCachesForCommands();
    const value = randomBytes(1024 * 1024);
    expect(await runProcess(["set", "key", "-"], value)).toEqual(DONE);
    const { stdout } = await runProcess(["get", "key"]);
    expect(stdout.equals(value)).toBe(true);
  });

  test("set reads a file, an argument and an empty value", async () => {
    const { run } = await startCachesForCommands();
    const file = join(tempDirectory(), "value");
    writeFileSync(file, Buffer.from([0, 255, 10]));
    expect(await run(["set", "file", "--file", file])).toEqual(DONE);
    expect((await run(["get", "file"])).stdout).toEqual(readFileSync(file));
    expect(await run(["set", "word", "ä\n"])).toEqual(DONE);
    expect((await run(["get", "word"])).stdout.toString()).toBe("ä\n");
    expect(await run(["set", "", ""])).toEqual(DONE);
    expect(await run(["get", ""])).toEqual(DONE);
  });

  test.each([
    ["hex", "00FFc3a4", "00ffc3a4"],
    ["base64", "AP/DpA==", "AP/DpA=="],
    ["text", "ä", "ä"],
  ])("--format %s encodes the value in both directions", async (format, word, output) => {
    const { run } = await startCachesForCommands();
    expect(await run(["set", "--format", format, "key", word])).toEqual(DONE);
    expect((await run(["get", "--format", format, "key"])).stdout.toString()).toBe(`${output}\n`);
  });

  test("--ttl sets the TTL of the entry", async () => {
    const path = tempSocketPath();
    const server = await startGrpcJsCacheServer(`unix://${path}`);
    const target = ["--target", `unix://${path}`];
    await runCommandHere(["set", ...target, "--ttl", "1h30m", "key", "1"]);
    await runCommandHere(["set-many", ...target, "--ttl", "1.5s", "key=1"]);
    await runCommandHere(["touch", ...target, "--ttl", "2d", "key"]);
    await runCommandHere(["touch", ...target, "--ttl", "never", "key"]);
    expect(server.calls.map(({ request }) => request["ttl"])).toEqual([
      { seconds: "5400", nanos: 0 },
      { seconds: "1", nanos: 500_000_000 },
      { seconds: "172800", nanos: 0 },
      null,
    ]);
  });
});

describe("client commands exit with 1", () => {
  test("when there is nothing to get, delete or touch, and with 0 otherwise", async () => {
    const { run } = await startCachesForCommands();
    const codes = async (...commands: string[][]): Promise<(number | null)[]> => {
      const results: (number | null)[] = [];
      for (const command of commands) results.push((await run(command)).code);
      return results;
    };
    await run(["set-many", "a=1", "b=2"]);
    expect(
      await codes(
        ["get", "nothing"],
        ["get-many", "nothing", "at all"],
        ["get-many", "nothing", "a"],
        ["touch", "--ttl", "1h", "nothing"],
        ["touch", "--ttl", "1h", "nothing", "a"],
        ["delete", "nothing"],
        ["delete", "nothing", "b"],
      ),
    ).toEqual([1, 1, 0, 1, 0, 1, 0]);
    expect(await run(["get", "b"])).toEqual({
      code: 1,
      stdout: Buffer.alloc(0),
      stderr: 'gestalt-cache-memory: no value for "b"\n',
    });
  });
});

test("delete removes more keys than a server takes in one call", async () => {
  const { run, caches } = await startCachesForCommands();
  const keys = Array.from({ length: 33_000 }, (_, index) => String(index));
  await run(["set-many", "0=a", "32999=b", "other=c"]);
  expect((await run(["delete", ...keys])).code).toBe(0);
  expect(caches.statistics().get("cache")).toMatchObject({ entries: 1, deletes: 2 });
});

describe("get-many and set-many", () => {
  test("set-many reads the output of get-many", async () => {
    const { run, runProcess } = await startCachesForCommands({ bindings: ["from", "to"] });
    const binary = randomBytes(500_000);
    await runProcess(["set", "--bind", "from", "binary", "-"], binary);
    await run([
      "set-many",
      "--bind",
      "from",
      "text=a=b\u2028",
      "__proto__=1",
      "=empty key",
      "empty=",
    ]);
    const keys = ["binary", "text", "__proto__", "", "empty", "missing", "text"];
    const dump = await run(["get-many", "--bind", "from", ...keys]);
    const lines = dump.stdout.toString().split("\n");
    expect(lines.slice(1)).toEqual([
      '{"key":"text","value":"a=b\u2028"}',
      '{"key":"__proto__","value":"1"}',
      '{"key":"","value":"empty key"}',
      '{"key":"empty","value":""}',
      '{"key":"text","value":"a=b\u2028"}',
      "",
    ]);
    expect(await runProcess(["set-many", "--bind", "to", "-"], dump.stdout)).toEqual(DONE);
    expect((await run(["get", "--bind", "to", "binary"])).stdout.equals(binary)).toBe(true);
    expect((await run(["get-many", "--bind", "to", ...keys])).stdout).toEqual(dump.stdout);
  });

  test("get-many splits a reply that exceeds the server's limit", async () => {
    const { run, runProcess, caches } = await startCachesForCommands();
    const base64 = Buffer.alloc(1_500_000, 255).toString("base64");
    const keys = ["a", "b", "c", "d", "e"];
    const input = keys.map((key) => JSON.stringify({ key, base64 })).join("\n");
    expect(await runProcess(["set-many", "-"], input)).toEqual(DONE);
    expect(caches.statistics().get("cache")?.entries).toBe(5);
    const { stdout } = await run(["get-many", ...keys]);
    expect(stdout.toString().split("\n").slice(0, 5)).toEqual(input.split("\n"));
  });
});

describe("client commands", () => {
  test.each([
    [["get", "key"], 3, "GESTALT_CACHE_SOCKET is not set; run the program under a host"],
    [["get", "--bind", "a", "key"], 3, "GESTALT_CACHE_SOCKET_A is not set"],
    [
      ["get", "--target", "unix:///nowhere/x.sock", "key"],
      3,
      "the socket does not exist; is the server running?",
    ],
    [["get", "--target", "http://a", "key"], 2, '--target: unsupported scheme "http"'],
    [["get"], 2, "missing required argument 'key'"],
    [["set", "key"], 2, "no value; give it after the key, - for standard input, or use --file"],
    [["set", "--file", "/nowhere", "key"], 2, "cannot read /nowhere: ENOENT"],
    [["set", "--file", "/nowhere", "key", "value"], 2, "use either a value or --file, not both"],
    [["set", "--ttl", "5", "key", "value"], 2, "'5' is invalid. Use 90s, 5m, 1h30m"],
    [["set", "--ttl", "0s", "key", "value"], 2, "'0s' is invalid"],
    [["set", "--ttl", "-5m", "key", "value"], 2, "'-5m' is invalid"],
    [["set", "--ttl", "4000000d", "key", "value"], 2, "Use at most 10,000 years, or never"],
    [["set", "--format", "hex", "key", "xyz"], 2, "the value is not hex"],
    [["set", "--format", "base64", "key", "A==="], 2, "the value is not base64"],
    [["set", "--format", "hex", "key", "-"], 2, "--format applies to a value argument only"],
    [["set", "--format", "text", "--file", "/dev/null", "key"], 2, "--format applies to a value"],
    [["set-many", "novalue"], 2, '"novalue" is not KEY=VALUE'],
    [["touch", "key"], 2, "required option '--ttl <duration>' not specified"],
    [["get", "--timeout", "soon", "key"], 2, "Use a duration such as 10s or 500ms"],
    [
      ["get", "--token", "a", "--token-file", "b", "key"],
      2,
      "use either --token or --token-file, not both",
    ],
    [
      ["get", "--token", "s3cr\net", "key"],
      2,
      "--token: the token must contain only printable ASCII characters",
    ],
    [
      ["stats", "--token", "ümlaut"],
      2,
      "--token: the token must contain only printable ASCII characters",
    ],
    [["set", "--token-file", "/bin/sh", "key", "v"], 2, "--token-file /bin/sh: the token must"],
    [["get", "--token-file", "/nowhere/token", "key"], 2, "cannot read /nowhere/token"],
    [["get", "--tls-key", "a", "key"], 2, "--tls-cert and --tls-key must be given together"],
  ])("fail with one line for %j", async (args, code, message) => {
    const result = await runCommandHere(args);
    expect(result.stderr).toContain(message);
    expect(result.stderr.match(/\n/g)).toHaveLength(1);
    expect(result.code).toBe(code);
    expect(result.stdout).toHaveLength(0);
  });

  test.each([
    ["stats", "--count"],
    ["monitor", "--count"],
    ["keys", "--limit"],
  ])("%s %s fails for anything but a count", async (...args) => {
    for (const text of ["0", "", "-1", "1.5", "1e3", "9007199254740992", "9".repeat(400)]) {
      const { code, stderr } = await runCommandHere([...args, text]);
      expect(stderr).toContain("Use a whole number above 0, at most 9007199254740991");
      expect(code).toBe(2);
    }
  });

  test("fail with one line for an entry that the server refuses", async () => {
    const { run } = await startCachesForCommands({ config: { maxEntryBytes: 10 } });
    const { code, stderr } = await run(["set", "key", "x".repeat(20)]);
    expect(stderr).toMatch(/^gestalt-cache-memory: .*"key".*10.*\n$/);
    expect(code).toBe(3);
  });

  test("send the token of a flag or a file", async () => {
    const path = tempSocketPath();
    const server = await startGrpcJsCacheServer(`unix://${path}`);
    const file = join(tempDirectory(), "token");
    writeFileSync(file, "from file\n");
    await runCommandHere(["get", "--target", path, "--token", "word", "key"]);
    await runCommandHere(["get", "--target", path, "--token-file", file, "key"]);
    expect(
      server.calls.map(({ headers }) => headers["x-gestalt-host-service-relay-token"]),
    ).toEqual(["word", "from file"]);
  });
});
