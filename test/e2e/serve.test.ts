import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  reducedEnvironment,
  startProcess,
  until,
  type ChildProcess,
} from "../support/child-process.js";
import { clientOf, commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";

const CLEAN_EXIT = { code: 0, signal: null };
const UNIMPLEMENTED = 12;

/** Starts `serve`; settled with what it says a client should set. */
async function startServe(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<ChildProcess & { target: string }> {
  const child = startProcess([...commandUnderTest, "serve", ...args], {
    env: { ...reducedEnvironment(), ...env },
  });
  await until(() => child.stdout().endsWith("\n") || !child.isRunning(), {
    what: "it does not say where it listens",
  });
  const target = /^export GESTALT_CACHE_SOCKET=(.+)$/m.exec(child.stdout())?.[1];
  if (target === undefined) throw new Error(child.stderr());
  return Object.assign(child, { target });
}

test("without --listen: a socket in a private directory, the same at every start", async () => {
  const XDG_RUNTIME_DIR = tempDirectory();
  const first = await startServe([], { XDG_RUNTIME_DIR });
  expect(first.target).toBe(join(XDG_RUNTIME_DIR, "gestalt-cache-memory", "cache.sock"));
  expect(statSync(join(first.target, "..")).mode & 0o777).toBe(0o700);
  expect(statSync(first.target).mode & 0o777).toBe(0o600);

  const second = startProcess([...commandUnderTest, "serve"], {
    env: { ...reducedEnvironment(), XDG_RUNTIME_DIR },
  });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.stderr()).toBe(
    `gestalt-cache-memory: another server is listening on ${first.target}\n`,
  );
});

test("without a runtime directory the temporary directory serves", async () => {
  const TMPDIR = tempDirectory();
  const { target } = await startServe([], { TMPDIR, XDG_RUNTIME_DIR: join(TMPDIR, "none") });
  expect(target.startsWith(join(TMPDIR, "gestalt-cache-memory-"))).toBe(true);
});

test("a directory in the way that others can use is refused", async () => {
  const XDG_RUNTIME_DIR = tempDirectory();
  mkdirSync(join(XDG_RUNTIME_DIR, "gestalt-cache-memory"), { mode: 0o755 });
  await expect(startServe([], { XDG_RUNTIME_DIR })).rejects.toThrow(/only you can use/);
});

test("serves a cache without being configured, says what it served, and cleans up", async () => {
  const path = tempSocketPath();
  const serving = await startServe(["--listen", `unix://${path}`, "--max-bytes", "8MiB"]);
  expect(serving.target).toBe(path);
  expect(serving.stderr()).toContain("maxBytes=8388608");
  const cache = clientOf(`unix://${path}`)("Cache");
  await cache.call("Set", { key: "a", value: Buffer.from("1") });
  await cache.call("GetMany", { keys: ["a", "b"] });
  await cache.call("Get", { key: "a" });
  await cache.call("Delete", { key: "a" });
  serving.signal("SIGINT");
  expect(await serving.ended).toEqual(CLEAN_EXIT);
  expect(serving.stderr()).toMatch(
    / served 3 reads \(2 hits, 1 miss\), 1 write, 1 delete, 0 touches\n.* held 0 entries, /,
  );
  expect(existsSync(path)).toBe(false);
});

test("clients of a standalone server cannot configure it", async () => {
  const { target } = await startServe(["--listen", tempSocketPath()]);
  const lifecycle = clientOf(`unix://${target}`)("ProviderLifecycle");
  const { code } = await lifecycle.call("ConfigureProvider", { protocol_version: 3 });
  expect(code).toBe(UNIMPLEMENTED);
});

test("listens on TCP; port 0 takes a free one and says which", async () => {
  const { target } = await startServe(["--listen", "tcp://127.0.0.1:0"]);
  const [, address = ""] = /^tcp:\/\/(127\.0\.0\.1:[1-9]\d*)$/.exec(target) ?? [];
  expect((await clientOf(address)("Cache").call("Get", { key: "a" })).code).toBe(0);
});

test.each([
  ["YAML", "maxEntries: 1 # for the test\n"],
  ["JSON", '{\n\t"maxEntries": 1\n}\n'],
])("takes its configuration from a file: %s", async (_, text) => {
  const config = join(tempDirectory(), "config");
  writeFileSync(config, text);
  const { target } = await startServe(["--config", config, "--listen", tempSocketPath()]);
  const cache = clientOf(`unix://${target}`)("Cache");
  for (const key of ["a", "b"]) await cache.call("Set", { key, value: Buffer.from(key) });
  expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: false });
  expect((await cache.call("Get", { key: "b" })).reply).toMatchObject({ found: true });
});

test("a port in use is named", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const child = startProcess([...commandUnderTest, "serve", "--listen", `tcp://127.0.0.1:${port}`]);
  expect(await child.ended).toEqual({ code: 1, signal: null });
  expect(child.stderr()).toBe(
    `gestalt-cache-memory: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
  );
});

test("the script for CI in the README works as it stands there", async () => {
  const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
  const script = /```sh\n([^`]*cache\.env[^`]*)```/
    .exec(readme)?.[1]
    ?.replace("npm test", `printf '%s' "$GESTALT_CACHE_SOCKET"; test -S "$GESTALT_CACHE_SOCKET"`);
  const directory = tempDirectory();
  const command = `exec ${commandUnderTest.map((word) => `'${word}'`).join(" ")} "$@"\n`;
  writeFileSync(join(directory, "gestalt-cache-memory"), `#!/bin/sh\n${command}`, { mode: 0o755 });
  const runtime = tempDirectory();
  const env = reducedEnvironment();
  const shell = startProcess(["sh", "-euc", script ?? "exit 1"], {
    cwd: directory,
    env: { ...env, PATH: `${directory}:${env["PATH"] ?? ""}`, XDG_RUNTIME_DIR: runtime },
  });
  expect(await shell.ended).toEqual(CLEAN_EXIT);
  expect(shell.stdout()).toBe(join(runtime, "gestalt-cache-memory", "cache.sock"));
});
