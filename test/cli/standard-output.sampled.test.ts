import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { reducedEnvironment, startProcess, until } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Runs a command line with its output redirected by a shell. */
function run(args: string, redirection: string): { code: number | null; stderr: string } {
  const script = `"$@" ${args} ${redirection}`;
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...commandUnderTest], {
    env: { ...reducedEnvironment(), TMPDIR: tempDirectory() },
    encoding: "utf8",
    timeout: 50_000,
  });
  return { code: status, stderr };
}

const TEXTS = ["", "--help", "--version", "help serve", "exec --help"];

test.each(sampleOf(3, [...TEXTS, "conformance --list", "exec --print-env sh"]))(
  "gestalt-cache-memory %s fails with one line when the disk is full",
  (args) => {
    const { code, stderr } = run(args, "> /dev/full");
    expect(stderr).toBe(
      "gestalt-cache-memory: cannot write to standard output: no space left on the device\n",
    );
    expect(code).toBe(1);
  },
);

test.each(sampleOf(2, TEXTS))(
  "gestalt-cache-memory %s succeeds when its reader has closed the pipe",
  (args) => {
    expect(run(args, '| true; exit "${PIPESTATUS[0]}"')).toEqual({ code: 0, stderr: "" });
  },
);

test.each(
  sampleOf(2, ["--help", "exec -- true", "bogus", "exec --stats -- true", "exec --json -- false"]),
)("gestalt-cache-memory %s keeps its exit code with a closed or full output", (args) => {
  const code = run(args, "").code;
  expect(run(args, "2> /dev/full").code).toBe(code);
  expect(run(args, ">&- 2>&-").code).toBe(code);
  expect(run(args, '2>&1 > /dev/null | true; exit "${PIPESTATUS[0]}"').code).toBe(code);
});

test.each([
  ["on a full disk", "> /dev/full", "cannot write to standard output: no space left"],
  ["closed pipe", "| true", "listening"],
])("serve serves when its lines cannot be printed: %s", async (_, redirection, logged) => {
  const socket = join(tempDirectory(), "s.sock");
  const script = `echo $$ >&2; exec "$@" serve --listen "${socket}"`;
  const command = ["bash", "-c", script, "bash", ...commandUnderTest].map((word) => `'${word}'`);
  const running = startProcess(["bash", "-c", `${command.join(" ")} ${redirection}`]);
  await until(() => statSync(socket, { throwIfNoEntry: false }) !== undefined);
  await until(() => running.stderr().includes(logged), { what: () => running.stderr() });
  const [program = "", ...args] = commandUnderTest;
  const call = [...args, "set", "--target", socket, "key", "value"];
  expect(spawnSync(program, call, { encoding: "utf8" }).status).toBe(0);
  process.kill(Number(running.stderr().split("\n", 1)[0]), "SIGTERM");
  await running.ended;
  expect(running.stderr()).toContain("served 0 reads (0 hits, 0 misses), 1 write");
});

// Only root can become another user.
test.skipIf(process.getuid?.() !== 0).each([
  ["serve", "XDG_RUNTIME_DIR"],
  ["serve", "TMPDIR"],
  ["exec -- sh -c 'printenv GESTALT_CACHE_SOCKET; exec sleep 60'", "TMPDIR"],
])("%s works for a user without an entry in the user database, with %s", async (args, variable) => {
  const directory = join(tempDirectory(), "directory");
  mkdirSync(directory, { mode: 0o777 });
  const user = "54321";
  const script = `chown ${user} ${directory}; chmod 711 ${join(directory, "..")}
    exec setpriv --reuid=${user} --regid=${user} --clear-groups "$@" ${args}`;
  const running = startProcess(["bash", "-c", script, "bash", ...commandUnderTest], {
    env: { ...reducedEnvironment(), [variable]: directory },
  });
  const isReady = (): boolean => running.stdout().includes(directory);
  await until(() => isReady() || !running.isRunning(), { what: () => running.stderr() });
  running.signal("SIGTERM");
  await running.ended;
  expect(running.stderr()).not.toMatch(/passwd|error/i);
  expect(running.stdout()).toContain(directory);
});
