import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest, repositoryRoot } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";
import { runCommandHere } from "./run-command.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const [program = "", ...programArgs] = commandUnderTest;

interface ExecResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The files left in the temporary directory. */
  readonly left: readonly string[];
}

function exec(
  args: readonly string[],
  { input = "", env = {} }: { input?: string; env?: Record<string, string> } = {},
): ExecResult {
  const TMPDIR = tempDirectory();
  const { status, stdout, stderr } = spawnSync(program, [...programArgs, "exec", ...args], {
    env: { ...reducedEnvironment(), TMPDIR, ...env },
    input,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr, left: readdirSync(TMPDIR) };
}

/** A command that runs JavaScript with `Cache` of the built package. */
function script(source: string): string[] {
  const module = pathToFileURL(join(repositoryRoot, "dist/client/cache.js")).href;
  const text = `const { Cache } = await import(${JSON.stringify(module)});\n${source}`;
  return ["--", process.execPath, "--input-type=module", "--eval", text];
}

const printVariables = script(
  `console.log(JSON.stringify(Object.keys(process.env).filter((name) => name.startsWith("GESTALT_")).sort()));`,
);

describe("the command of exec gets", () => {
  test("one binding by both variables, and no variables of other caches", () => {
    const { stdout } = exec(["--bind", "session", ...printVariables], {
      env: {
        GESTALT_CACHE_SOCKET_OTHER: "/other",
        GESTALT_CACHE_SOCKET_SESSION_TOKEN: "secret",
        GESTALT_HOST_SERVICE_TOKEN: "secret",
      },
    });
    expect(JSON.parse(stdout)).toEqual([
      "GESTALT_CACHE_SOCKET",
      "GESTALT_CACHE_SOCKET_SESSION",
      "GESTALT_HOST_SERVICES",
      "GESTALT_HOST_SERVICE_SOCKET",
    ]);
  });

  test("a binding named cache without --bind; several bindings only by their own variables", () => {
    expect(JSON.parse(exec(printVariables).stdout)).toContain("GESTALT_CACHE_SOCKET_CACHE");
    const two = JSON.parse(
      exec(["--bind", "a", "--bind", "b", ...printVariables]).stdout,
    ) as string[];
    expect(two).not.toContain("GESTALT_CACHE_SOCKET");
    expect(two).toContain("GESTALT_CACHE_SOCKET_B");
  });

  test("separate caches for two bindings, and a shared socket that serves both", () => {
    const { stdout, code } = exec([
      ...["--bind", "a", "--bind", "b"],
      ...script(`
        const { GESTALT_HOST_SERVICE_SOCKET } = process.env;
        const shared = new Cache("b", { environment: { GESTALT_HOST_SERVICE_SOCKET } });
        await new Cache("a").set("key", Buffer.from("in a"));
        console.log(await new Cache("b").get("key"), await shared.get("key"));
        await shared.set("key", Buffer.from("in b"));
        console.log(Buffer.from(await new Cache("b").get("key")).toString());
      `),
    ]);
    expect(stdout).toBe("undefined undefined\nin b\n");
    expect(code).toBe(0);
  });

  test("its input, output and arguments byte for byte", () => {
    const copy =
      "process.stdin.pipe(process.stdout); console.error(process.argv.slice(1).join('|'))";
    const command = ["--", process.execPath, "--eval", copy, "--", "--stats", "a b", ""];
    const { stdout, stderr } = exec(command, { input: "line\0\nno end" });
    expect(stdout).toBe("line\0\nno end");
    expect(stderr).toBe("--stats|a b|\n");
  });

  test("limits from a file and from flags", () => {
    const config = join(tempDirectory(), "cache.yaml");
    writeFileSync(config, "maxEntries: 1\n");
    const { stdout } = exec([
      ...["--config", config, "--max-entry-bytes", "1KiB"],
      ...script(`
        const cache = new Cache();
        await cache.set("a", Buffer.from("1"));
        await cache.set("b", Buffer.from("2"));
        console.log(Object.keys(await cache.getMany(["a", "b"])).join());
        await cache.set("large", Buffer.alloc(2000)).catch((error) => console.log(error.rawMessage));
      `),
    ]);
    expect(stdout).toMatch(/^b\n.*"large".*1024.*\n$/);
  });
});

describe("exec", () => {
  test.each(
    sampleOf(6, [
      [0, ["sh", "-c", "exit 0"], ""],
      [7, ["sh", "-c", "exit 7"], ""],
      [143, ["sh", "-c", "kill -TERM $$"], ""],
      [137, ["sh", "-c", "kill -KILL $$"], ""],
      [162, ["sh", "-c", "kill -34 $$"], ""],
      [177, ["sh", "-c", "sleep 0.1; kill -49 $$"], ""],
      [192, ["sh", "-c", "kill -64 $$"], ""],
      [158, ["sh", "-c", "kill -30 $$"], ""],
      [34, ["sh", "-c", "exit 34"], ""],
      [255, ["sh", "-c", "exit 255"], ""],
      [127, [""], "'': command not found"],
      [127, ["", "argument"], "'': command not found"],
      [127, ["/nowhere/command"], "/nowhere/command: command not found"],
      [127, ["no-such-command"], "no-such-command: command not found"],
      [126, ["/etc/passwd"], "/etc/passwd: no permission to run it"],
    ]),
  )("exits with %i for %j", (code, command, message) => {
    const result = exec(["--", ...command]);
    expect(result.stderr).toBe(message === "" ? "" : `gestalt-cache-memory: ${message}\n`);
    expect(result).toMatchObject({ code, left: [] });
  });

  test.each([
    [2, [], /^gestalt-cache-memory: no command; give it after --; see .*exec --help\n$/],
    [2, ["--bind", " ", "--", "true"], /--bind: a binding's name must not be empty/],
    [
      2,
      ["--bind", "a-b", "--bind", "a.b", "--", "true"],
      /have the same variable, GESTALT_CACHE_SOCKET_A_B/,
    ],
    [2, ["--bind", "token", "--", "true"], /"token" is GESTALT_CACHE_SOCKET_TOKEN, which/],
    [2, ["--bind", "a-token", "--bind", "a", "--print-env", "sh"], /is the token of \S+_A;/],
    [2, ["--print-env", "cmd"], /Allowed choices are sh, fish, dotenv, github/],
    [2, ["--print-env", "sh", "--", "true"], /--print-env does not run a command/],
    [1, ["--config", "/nowhere.yaml", "--", "true"], /cannot read \/nowhere.yaml/],
  ])("exits with %i for the wrong command line %j", async (code, args, message) => {
    const result = await runCommandHere(["exec", ...args]);
    expect(result.stderr).toMatch(message);
    expect(result.stderr.match(/\n/g)).toHaveLength(1);
    expect(result.code).toBe(code);
    expect(result.stdout).toHaveLength(0);
  });

  // Only Linux has a path for such a directory.
  test.skipIf(process.platform !== "linux")(
    "runs a command in a directory that was removed",
    () => {
      const script = `cd "$0" && rmdir "$0" && "$@" exec --stats-file report -- readlink /proc/self/cwd`;
      const directory = join(tempDirectory(), "removed");
      mkdirSync(directory);
      const { status, stdout, stderr } = spawnSync(
        "bash",
        ["-c", script, directory, ...commandUnderTest],
        { encoding: "utf8", env: reducedEnvironment(), timeout: 50_000 },
      );
      expect(stdout).toBe(`${directory} (deleted)\n`);
      expect(stderr).toMatch(/^gestalt-cache-memory: cannot write report: ENOENT[^\n]*\n$/);
      expect(status).toBe(0);
    },
  );

  test("runs a script without a #! line in a shell", () => {
    const file = join(tempDirectory(), "script");
    writeFileSync(file, 'echo "$1"; exit 5\n', { mode: 0o755 });
    expect(exec(["--", file, "a b"])).toMatchObject({ code: 5, stdout: "a b\n", stderr: "" });
  });

  test("keeps the command's exit code when a report cannot be written", () => {
    const result = exec(["--stats-file", "/nowhere/stats.json", "--", "sh", "-c", "exit 3"]);
    expect(result.stderr).toMatch(
      /^gestalt-cache-memory: cannot write \/nowhere\/stats.json: .*\n$/,
    );
    expect(result.code).toBe(3);
  });

  test("gives the command absolute socket paths for a relative TMPDIR", () => {
    const cwd = tempDirectory();
    mkdirSync(join(cwd, "tmp"));
    mkdirSync(join(cwd, "sub"));
    const print = 'cd sub; printf "%s\\n" "$GESTALT_CACHE_SOCKET" "$GESTALT_HOST_SERVICE_SOCKET"';
    const command = [...programArgs, "exec", "--", "sh", "-c", print];
    const { stdout } = spawnSync(program, command, {
      cwd,
      env: { ...reducedEnvironment(), TMPDIR: "tmp" },
      encoding: "utf8",
    });
    for (const path of stdout.trim().split("\n")) expect(path).toMatch(new RegExp(`^${cwd}/tmp/`));
  });

  test("works with a TMPDIR that is too long for sockets", () => {
    const TMPDIR = join(tempDirectory(), "deep".repeat(20));
    mkdirSync(TMPDIR);
    const { code, stdout } = exec(["--", "printenv", "GESTALT_CACHE_SOCKET"], { env: { TMPDIR } });
    expect(stdout).toMatch(/^\/tmp\/gestalt-caches-/);
    expect(code).toBe(0);
  });

  test("exits with 125 when the caches cannot be started", async () => {
    const result = await runCommandHere(["exec", "--", "true"], { TMPDIR: "/nowhere" });
    expect(result.stderr).toMatch(/^gestalt-cache-memory: .*\/nowhere.*\n$/);
    expect(result.code).toBe(125);
  });
});

describe("the statistics of exec", () => {
  const work = script(`
    const cache = new Cache("a");
    await cache.set("key", Buffer.from("value"));
    await cache.getMany(["key", "other"]);
    process.exitCode = 3;
  `);

  test("--stats prints text for each binding", () => {
    const { stderr } = exec(["--bind", "a", "--bind", "b", "--stats", ...work]);
    expect(stderr).toMatch(
      /^cache a:\n {2}served 2 reads \(1 hit, 1 miss\), 1 write,.*\n {2}held 1 entry.*\ncache b:\n {2}served 0 reads/,
    );
  });

  test("--json and --stats-file write JSON", () => {
    const file = join(tempDirectory(), "stats.json");
    const { stderr } = exec(["--bind", "a", "--json", "--stats-file", file, ...work]);
    const report = JSON.parse(stderr) as unknown;
    expect(report).toMatchObject({
      exitCode: 3,
      caches: { a: { hits: 1, misses: 1, sets: 1, entries: 1, maxBytes: 67_108_864 } },
    });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(report);
  });

  test("--prefix makes keys longer", () => {
    const bytes = (args: readonly string[]): number => {
      const { stderr } = exec([...args, "--bind", "a", "--json", ...work]);
      return (JSON.parse(stderr) as { caches: { a: { bytes: number } } }).caches.a.bytes;
    };
    expect(bytes(["--prefix", "x".repeat(1_000)])).toBeGreaterThanOrEqual(bytes([]) + 1_000);
  });
});
