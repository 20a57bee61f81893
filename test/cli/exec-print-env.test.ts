import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { environmentText } from "../../src/cli/exec/environment-text.js";
import { shellWord } from "../../src/cli/shell-word.js";
import { Cache } from "../../src/client/cache.js";
import {
  isAlive,
  reducedEnvironment,
  startProcess,
  until,
  type ProcessEnd,
} from "../support/child-process.js";
import { commandUnderTest, installedCommand, isExecutable } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const values = {
  A: "/tmp/plain.sock",
  B: "it's here",
  C: 'two "words" $HOME `id` !1',
  D: 'it\'s $(id) \\ "here"',
  E: "a line\nand another\n",
};

/** The variables of `sh` after it has evaluated some lines. */
function evaluated(lines: string, names: readonly string[]): string[] {
  const shown = names.map((name) => `printf '%s\\0' "\${${name}-unset}"`);
  const { stdout } = spawnSync("sh", ["-c", [lines, ...shown].join("\n")], { encoding: "utf8" });
  return stdout.split("\0").slice(0, -1);
}

test("--print-env sh: a shell evaluates the lines to the same values", () => {
  const lines = `F=set; ${environmentText({ set: values, unset: ["F"] }, "sh")}`;
  expect(evaluated(lines, [...Object.keys(values), "F"])).toEqual([
    ...Object.values(values),
    "unset",
  ]);
});

test.each(["sh", "fish"] as const)(
  "--print-env %s does not unset a name that is invalid in a shell",
  (format) => {
    const unset = ["X_a;id", "X a", "X$(id)", "X\nid", "1X", "X-y", "", "Xé", "OK_1"];
    const word = format === "sh" ? "unset" : "set -e";
    expect(environmentText({ set: {}, unset }, format)).toBe(`${word} OK_1;\n`);
  },
);

test("--print-env fish escapes backslashes and quotes between quotes", () => {
  expect(environmentText({ set: { D: values.D }, unset: ["C"] }, "fish")).toBe(
    "set -e C;\nset -gx D 'it\\'s $(id) \\\\ \"here\"';\n",
  );
});

test("--print-env dotenv: Node and a shell read the same values", () => {
  const { A, B, C } = values;
  const lines = environmentText({ set: { A, B, C }, unset: ["D"] }, "dotenv");
  expect(parseEnv(lines)).toEqual({ A, B, C });
  expect(evaluated(lines, ["A", "B", "C"])).toEqual([A, B, C]);
});

test.each([values.D, values.E, "\r", "it's $HOME", 'it\'s "so"', "back\\slash", "it's `id`"])(
  "--print-env dotenv fails for %j, which readers would change",
  (value) => {
    expect(() => environmentText({ set: { A: value }, unset: [] }, "dotenv")).toThrow(
      `A would be ${JSON.stringify(value)}, which readers of .env files read differently`,
    );
  },
);

test("--print-env github delimits a value of several lines by a line that it does not contain", () => {
  const lines = environmentText({ set: { ...values, F: "end" }, unset: [] }, "github");
  const { A, B, C, D, E } = values;
  const [before = "", rest = ""] = lines.split("E<<");
  expect(before).toBe(`A=${A}\nB=${B}\nC=${C}\nD=${D}\n`);
  const delimiter = rest.split("\n", 1)[0] ?? "";
  expect(delimiter).toMatch(/^[\w-]{32,}$/);
  expect(rest).toBe(`${delimiter}\n${E}\n${delimiter}\nF=end\n`);
});

test("--print-env starts caches that run until they are killed", async () => {
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

/** Runs `exec --print-env sh` in a shell, as `"$@"`, and waits until its files are removed. */
async function printInShell(
  source: string,
  env: Record<string, string> = {},
): Promise<ProcessEnd & { stderr: string }> {
  const TMPDIR = tempDirectory();
  const command = [...commandUnderTest, "exec", "--print-env", "sh"];
  const shell = startProcess(["bash", "-c", source, "bash", ...command], {
    env: { ...reducedEnvironment(), TMPDIR, ...env },
  });
  const end = await shell.ended;
  await until(() => readdirSync(TMPDIR).length === 0, { what: "the caches are still there" });
  return { ...end, stderr: shell.stderr() };
}

test.each([
  ["on a full disk", '"$@" > /dev/full', "cannot write to standard output: no space left"],
  [
    "into a closed pipe",
    '"$@" | true; exit "${PIPESTATUS[0]}"',
    "cannot print the variables: standard output is closed",
  ],
])("caches of --print-env end when their variables are printed %s", async (_, source, message) => {
  const { code, stderr } = await printInShell(source);
  expect(stderr).toMatch(new RegExp(`^gestalt-cache-memory: ${message}[^\n]*\n$`));
  expect(code).toBe(1);
});

test("caches of --print-env end when exec is killed before it prints", async () => {
  const TMPDIR = tempDirectory();
  const running = startProcess([...commandUnderTest, "exec", "--print-env", "sh"], {
    env: { ...reducedEnvironment(), TMPDIR },
  });
  await until(() => readdirSync(TMPDIR).length > 0);
  running.signal("SIGKILL");
  await running.ended;
  if (running.stdout() !== "") return;
  await until(() => readdirSync(TMPDIR).length === 0, { what: "the caches are still there" });
});

// Only Node has preload scripts.
test.skipIf(isExecutable).each([
  ["prints", "console.log(4711)"],
  ["sends messages", 'process.send?.("hello"); process.send?.({ env: {} }); process.send?.(null)'],
  ["takes messages", 'process.on("message", () => {}); process.channel?.unref()'],
])("--print-env works with a preload script that %s", async (_, script) => {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`;
  const source = `lines=$("$@"); eval "\${lines#4711}" && kill "$GESTALT_CACHE_MEMORY_PID"`;
  const { code, stderr } = await printInShell(source, { NODE_OPTIONS });
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

// Node opens /dev/null in its place, so only the launcher script can see it.
test.skipIf(isExecutable)("caches of --print-env end when there is no output", async () => {
  const source = `shift 2; ${shellWord(installedCommand.join(" "))} "$@" >&-`;
  const { code, stderr } = await printInShell(source);
  expect(stderr).toBe(
    "gestalt-cache-memory: cannot print the variables: standard output is closed\n",
  );
  expect(code).toBe(1);
});

test("--print-env does not evaluate variable names that are code", async () => {
  const directory = tempDirectory();
  const source = `eval "$("$@")"; kill "$GESTALT_CACHE_MEMORY_PID"`;
  const { code } = await printInShell(source, {
    [`GESTALT_CACHE_SOCKET_a;touch ${join(directory, "evaluated")};`]: "1",
    [`GESTALT_HOST_SERVICE_$(touch ${join(directory, "evaluated")})`]: "1",
    [`GESTALT_CACHE_SOCKET_\ntouch ${join(directory, "evaluated")}\n`]: "1",
  });
  expect(readdirSync(directory)).toEqual([]);
  expect(code).toBe(0);
});

test("caches in the background do not keep inherited pipes open", async () => {
  const source = `
    exec 5> >(cat); five=$!; exec 40> >(cat); forty=$!
    eval "$("$@")"; exec 5>&- 40>&-
    for reader in $five $forty; do
      for try in {1..100}; do kill -0 $reader 2>&- || continue 2; sleep 0.05; done
      echo "a reader still waits" >&2
    done
    kill "$GESTALT_CACHE_MEMORY_PID"`;
  expect(await printInShell(source)).toEqual({ code: 0, signal: null, stderr: "" });
});
