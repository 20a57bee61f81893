import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startServe } from "../support/serve-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import {
  runCommand,
  runCommandHere,
  startCachesForCommands,
  type CommandResult,
} from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** A shell without exported variables, which runs commands one after another, in this process. */
function secondTerminal(env: Readonly<Record<string, string>>) {
  return (args: readonly string[]): Promise<CommandResult> => runCommandHere(args, env);
}

test("every client command finds serve at its default address", async () => {
  const env = { XDG_RUNTIME_DIR: tempDirectory() };
  await startServe([], env);
  expect((await runCommand(["set", "process", "1"], { env })).code).toBe(0);
  const run = secondTerminal(env);
  const outcome = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    return `${code} ${stdout.toString()}${stderr}`;
  };
  expect(await outcome(["set", "a", "hello"])).toBe("0 ");
  expect(await outcome(["get", "a"])).toBe("0 hello");
  expect(await outcome(["set-many", "b=2"])).toBe("0 ");
  expect(await outcome(["get-many", "b"])).toBe('0 {"key":"b","value":"2"}\n');
  expect(await outcome(["touch", "--ttl", "1h", "b"])).toBe("0 ");
  expect(await outcome(["delete", "b"])).toBe("0 ");
  expect(await outcome(["stats", "--json"])).toMatch(/^0 \{.*"entries":2/);
  expect(await outcome(["get", "--bind", "whatever", "a"])).toBe("0 hello");
});

test("variables that name no cache do not hide the default address", async () => {
  const env = { XDG_RUNTIME_DIR: tempDirectory() };
  await startServe([], env);
  const others = {
    ...{ GESTALT_CACHE_SOCKET: " ", GESTALT_CACHE_SOCKET_TOKEN: "t", GESTALT_CACHE_SOCKETS: "x" },
    ...{ GESTALT_HOST_SERVICES: "cache", GESTALT_CACHE_MEMORY_PID: "1" },
  };
  expect((await secondTerminal({ ...env, ...others })(["set", "a", "1"])).code).toBe(0);
});

test("client commands find serve under TMPDIR, with and without XDG_RUNTIME_DIR", async () => {
  const TMPDIR = tempDirectory();
  await startServe([], { TMPDIR, XDG_RUNTIME_DIR: "" });
  expect((await runCommand(["set", "a", "1"], { env: { TMPDIR } })).code).toBe(0);
  const withRuntimeDirectory = secondTerminal({ TMPDIR, XDG_RUNTIME_DIR: tempDirectory() });
  expect((await withRuntimeDirectory(["get", "a"])).stdout.toString()).toBe("1");
});

test("--bind and --token work at the default address", async () => {
  const env = { XDG_RUNTIME_DIR: tempDirectory() };
  await startServe(["--bind", "a", "--bind", "b", "--token", "s3cret"], env);
  const run = secondTerminal(env);
  const token = ["--token", "s3cret"];
  expect((await run(["set", ...token, "--bind", "a", "key", "1"])).code).toBe(0);
  expect((await run(["get", ...token, "--bind", "a", "key"])).stdout.toString()).toBe("1");
  expect((await run(["get", ...token, "--bind", "b", "key"])).code).toBe(1);
  const unnamed = await run(["get", ...token, "key"]);
  expect(unnamed.stderr).toContain("cache binding is required");
  expect(unnamed.code).toBe(3);
  const denied = await run(["get", "--bind", "a", "key"]);
  expect(denied.stderr).toContain("(the default address of gestalt-cache-memory serve): a token");
  expect(denied.code).toBe(3);
});

test("variables and --target take precedence over the default address", async () => {
  const env = { XDG_RUNTIME_DIR: tempDirectory() };
  const { target } = await startServe([], env);
  const { caches } = await startCachesForCommands({ bindings: ["other"] });
  expect((await secondTerminal(env)(["set", "key", "default"])).code).toBe(0);
  const run = secondTerminal({ ...env, ...caches.env });
  expect((await run(["get", "key"])).code).toBe(1);
  expect((await run(["get", "--bind", "other", "key"])).code).toBe(1);
  expect((await run(["get", "--target", target, "key"])).stdout.toString()).toBe("default");
  // With variables of other bindings, this one is missing.
  const { GESTALT_CACHE_SOCKET_OTHER = "" } = caches.env;
  const missing = await secondTerminal({ ...env, GESTALT_CACHE_SOCKET_OTHER })(["get", "key"]);
  expect(missing.stderr).toContain(
    "GESTALT_CACHE_SOCKET is not set; use the binding of a variable that is set",
  );
  expect(missing.code).toBe(3);
});

test("the error without a server says how to start one", async () => {
  const run = secondTerminal({ XDG_RUNTIME_DIR: tempDirectory(), TMPDIR: tempDirectory() });
  for (const args of [["get", "key"], ["stats"], ["set", "key", "value"]]) {
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(/^[^\n]*GESTALT_CACHE_SOCKET is not set;[^\n]*\n$/);
    expect(stderr).toContain("start gestalt-cache-memory serve");
    expect(stderr).toContain("--target");
    expect(code).toBe(3);
  }
});

test("client commands fail for the socket of a killed server", async () => {
  const runtime = tempDirectory();
  const serving = await startServe([], { XDG_RUNTIME_DIR: runtime });
  serving.signal("SIGKILL");
  await serving.ended;
  const { code, stderr } = await secondTerminal({ XDG_RUNTIME_DIR: runtime })(["get", "key"]);
  expect(stderr).toContain(
    "(the default address of gestalt-cache-memory serve): connection refused; is the server running?",
  );
  expect(code).toBe(3);
});

test("client commands fail for a default socket in a directory that others can access", async () => {
  const runtime = tempDirectory();
  const directory = join(runtime, "gestalt-cache-memory");
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(join(directory, "cache.sock"), resolve));
  onTestFinished(() => void stranger.close());
  const { code, stderr } = await secondTerminal({ XDG_RUNTIME_DIR: runtime })(["get", "key"]);
  expect(stderr).toContain(`${directory} must be a directory that only you can access`);
  expect(code).toBe(3);
});

test("client commands fail for another server at the default address", async () => {
  const runtime = tempDirectory();
  mkdirSync(join(runtime, "gestalt-cache-memory"), { mode: 0o700 });
  writeFileSync(join(runtime, "gestalt-cache-memory", "cache.sock"), "");
  const { code, stderr } = await secondTerminal({ XDG_RUNTIME_DIR: runtime })(["get", "key"]);
  expect(stderr).toContain("(the default address of gestalt-cache-memory serve)");
  expect(code).toBe(3);
});
