import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { reducedEnvironment, startProcess } from "../support/child-process.js";
import { clientOf, commandUnderTest } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { createTestCertificate } from "../support/test-certificate.js";

const CLEAN_EXIT = { code: 0, signal: null };
const UNIMPLEMENTED = 12;

test("without --listen, the socket is in a private directory, at the same path at every start", async () => {
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

test("without a runtime directory, the socket is under the temporary directory", async () => {
  const TMPDIR = tempDirectory();
  const { target } = await startServe([], { TMPDIR, XDG_RUNTIME_DIR: join(TMPDIR, "none") });
  expect(target.startsWith(join(TMPDIR, "gestalt-cache-memory-"))).toBe(true);
});

test("a directory that others can use is refused", async () => {
  const XDG_RUNTIME_DIR = tempDirectory();
  mkdirSync(join(XDG_RUNTIME_DIR, "gestalt-cache-memory"), { mode: 0o755 });
  await expect(startServe([], { XDG_RUNTIME_DIR })).rejects.toThrow(/only you can access/);
});

test("serve needs no configuration, prints a summary, and removes its socket", async () => {
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

test("port 0 listens on a free TCP port and prints it", async () => {
  const { target } = await startServe(["--listen", "tcp://127.0.0.1:0"]);
  const [, address = ""] = /^tcp:\/\/(127\.0\.0\.1:[1-9]\d*)$/.exec(target) ?? [];
  expect((await clientOf(address)("Cache").call("Get", { key: "a" })).code).toBe(0);
});

test.each([
  ["YAML", "maxEntries: 1 # for the test\n"],
  ["JSON", '{\n\t"maxEntries": 1\n}\n'],
])("the configuration is read from a file: %s", async (_, text) => {
  const config = join(tempDirectory(), "config");
  writeFileSync(config, text);
  const { target } = await startServe(["--config", config, "--listen", tempSocketPath()]);
  const cache = clientOf(`unix://${target}`)("Cache");
  for (const key of ["a", "b"]) await cache.call("Set", { key, value: Buffer.from(key) });
  expect((await cache.call("Get", { key: "a" })).reply).toMatchObject({ found: false });
  expect((await cache.call("Get", { key: "b" })).reply).toMatchObject({ found: true });
});

/** A port that somebody else has. */
async function takenPort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

test("the error for a port in use names it, and other sockets are removed", async () => {
  const port = await takenPort();
  const path = tempSocketPath();
  const listen = ["--listen", path, "--listen", `tcp://127.0.0.1:${port}`];
  const child = startProcess([...commandUnderTest, "serve", ...listen]);
  expect(await child.ended).toEqual({ code: 1, signal: null });
  expect(child.stderr()).toBe(
    `gestalt-cache-memory: cannot listen on 127.0.0.1:${port}: the port is in use\n`,
  );
  expect(existsSync(path)).toBe(false);
});

const SEE_HELP = "; see gestalt-cache-memory serve --help";

/** What is typed wrongly, and the one line that says so. */
test.each([
  [["--listen", "http://x:1"], /^--listen: unsupported scheme "http" in "http:\/\/x:1"/],
  [["--listen", "tcp://0.0.0.0:0"], /^tcp:\/\/0\.0\.0\.0:0 would be open to other machines; add/],
  [["--listen", "tls://127.0.0.1:0"], /^a tls:\/\/ address needs --tls-cert and --tls-key/],
  [["--tls-cert", "x"], /^--tls-cert, --tls-key and --tls-client-ca need a tls:\/\/ address/],
  [["--token", "a", "--token-file", "b"], /^use either --token or --token-file, not both/],
  [["--token", " "], /^--token: the token is empty/],
  [
    ["--bind", "a", "--bind", "A"],
    /^--bind: bindings "a" and "A" have the same variable, GESTALT_CACHE_SOCKET_A/,
  ],
  [["--log-level", "loud"], /--log-level <level>.*'loud' is invalid.*error, warn, info, debug/],
  [["--nope"], /^unknown option '--nope'/],
])("serve %j fails with one line", async (args, message) => {
  const child = startProcess([...commandUnderTest, "serve", ...args]);
  expect(await child.ended).toEqual({ code: 2, signal: null });
  const [line = "", ...rest] = child.stderr().split("\n");
  expect(rest).toEqual([""]);
  expect(line.endsWith(SEE_HELP)).toBe(true);
  expect(line.replace("gestalt-cache-memory: ", "")).toMatch(message);
});

test.each([
  ["--tls-cert", "not a PEM certificate"],
  ["--tls-key", "not a PEM key without a password"],
])("the error for a wrong file of %s names it", async (flag, problem) => {
  const { certificatePath, keyPath } = createTestCertificate();
  const wrong = join(tempDirectory(), "wrong.pem");
  writeFileSync(wrong, "hello");
  const files = { "--tls-cert": certificatePath, "--tls-key": keyPath, [flag]: wrong };
  const args = ["--listen", "tls://127.0.0.1:0", ...Object.entries(files).flat()];
  const child = startProcess([...commandUnderTest, "serve", ...args]);
  expect(await child.ended).toEqual({ code: 1, signal: null });
  expect(child.stderr()).toBe(`gestalt-cache-memory: ${wrong}: ${problem}\n`);
});
