import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { environmentText } from "../../src/cli/exec/environment-text.js";
import { Cache } from "../../src/client/cache.js";
import { isAlive, reducedEnvironment, until } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const change = {
  set: { A: "/tmp/plain.sock", B: "it's $HOME \\ here" },
  unset: ["C"],
};

test("sh: lines that a shell evaluates to the same values", () => {
  const source = `C=set; ${environmentText(change, "sh")} printf '%s|%s|%s' "$A" "$B" "\${C-unset}"`;
  const { stdout } = spawnSync("sh", ["-c", source], { encoding: "utf8" });
  expect(stdout).toBe(`${change.set.A}|${change.set.B}|unset`);
});

test.each([
  ["fish", "set -e C;\nset -gx A '/tmp/plain.sock';\nset -gx B 'it\\'s $HOME \\\\ here';\n"],
  ["dotenv", 'A=/tmp/plain.sock\nB="it\'s $HOME \\ here"\n'],
  ["github", "A=/tmp/plain.sock\nB=it's $HOME \\ here\n"],
] as const)("%s", (format, text) => {
  expect(environmentText(change, format)).toBe(text);
});

test("--print-env starts caches that stay until they are killed", async () => {
  const source = `
    eval "$("$@" exec --bind a --bind b --prefix p --max-entries 1 --print-env sh)" &&
    printf '%s\\n' "$GESTALT_CACHE_SOCKET_A" "$GESTALT_CACHE_SOCKET_B" \\
      "$GESTALT_HOST_SERVICE_SOCKET" "$GESTALT_CACHE_MEMORY_PID" "\${GESTALT_CACHE_SOCKET-unset}"`;
  const env = {
    ...reducedEnvironment(),
    TMPDIR: tempDirectory(),
    GESTALT_CACHE_SOCKET: "/of/another/cache",
  };
  const shell = spawnSync("sh", ["-c", source, "sh", ...commandUnderTest], {
    env,
    encoding: "utf8",
  });
  expect(shell.stderr).toBe("");
  const [a = "", b = "", shared = "", pidText = "", only] = shell.stdout.split("\n");
  const pid = Number(pidText);
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  expect(only).toBe("unset");

  const environment = {
    GESTALT_CACHE_SOCKET_A: a,
    GESTALT_CACHE_SOCKET_B: b,
  };
  const cacheA = new Cache("a", { environment });
  const cacheB = new Cache("b", { environment: { GESTALT_HOST_SERVICE_SOCKET: shared } });
  onTestFinished(() => cacheA.close());
  onTestFinished(() => cacheB.close());
  await cacheA.set("first", Uint8Array.of(1));
  await cacheA.set("second", Uint8Array.of(2));
  await cacheB.set("second", Uint8Array.of(3));
  expect(await cacheA.getMany(["first", "second"])).toEqual({ second: Uint8Array.of(2) });
  expect(await cacheB.get("second")).toEqual(Uint8Array.of(3));

  process.kill(pid, "SIGTERM");
  await until(() => !isAlive(pid), { what: "the caches are still there" });
  expect(existsSync(dirname(a))).toBe(false);
});

test("--print-env prints nothing when the caches cannot be started", () => {
  const [program = "", ...args] = commandUnderTest;
  const env = { ...reducedEnvironment(), TMPDIR: "/nowhere" };
  const { status, stdout, stderr } = spawnSync(program, [...args, "exec", "--print-env", "sh"], {
    env,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^gestalt-cache-memory: .*\/nowhere.*\n$/);
  expect(status).toBe(1);
});
