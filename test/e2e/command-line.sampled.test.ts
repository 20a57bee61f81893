import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERSION } from "../../src/version.js";
import { runCommandHere } from "../cli/run-command.js";
import { startProcess } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a process. */
async function run(...args: string[]): Promise<Run> {
  const child = startProcess([...commandUnderTest, ...args]);
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** Runs it in this process too, and much faster. */
async function runHere(...args: string[]): Promise<Run> {
  const { stdout, ...result } = await runCommandHere(args);
  return { ...result, stdout: stdout.toString() };
}

test("without arguments the command prints an introduction", async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("$ gestalt-cache-memory serve");
});

test("--version prints the version", async () => {
  expect(await run("--version")).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

test.each([
  ["serve", "--help"],
  ["help", "serve"],
])("%s %s shows examples", async (...args) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("--max-entry-bytes <size>");
  expect(stdout).toContain("Examples:");
});

const WRONG_ARGUMENTS: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["serv"], /unknown command 'serv' .*serve/],
  [["--loud"], /unknown option '--loud'/],
  [["serve", "--max-bites", "1"], /unknown option '--max-bites' .*--max-bytes/],
  [["serve", "--max-bytes"], /argument missing/],
  [["serve", "--max-bytes", "lots"], /--max-bytes.*lots.*such as 64MiB/],
  [["serve", "--max-bytes", "0"], /--max-bytes: must be >= 1, got 0/],
  [["serve", "--max-entries", "-3"], /--max-entries.*-3.*whole number/],
  [["serve", "--max-entry-bytes", "1GiB"], /--max-entry-bytes: must be at most maxBytes/],
  [["serve", "--listen", "ftp://localhost:1"], /--listen.*ftp.*tcp:\/\/host:port/],
  [["serve", "--listen", "tcp://0.0.0.0:0"], /open to other machines.*127\.0\.0\.1/],
  [["serve", "now"], /too many arguments/],
];

const WRONG_FILES: readonly (readonly [text: string, message: RegExp])[] = [
  ["maxBytes: [1", /neither YAML nor JSON: .*line 1/],
  ["- a\n- b\n", /must contain keys and values/],
  [
    "maxByte: 1\nmaxEntries: no\n",
    /maxByte: .*did you mean maxBytes.*maxEntries: must be an integer/,
  ],
  ["maxBytes: 1MiB\nmaxBytes: 2MiB\n", /unique.*line 2/],
];

const WAYS = [
  ["as a process", run, <T>(rows: readonly T[]) => sampleOf(2, rows)],
  ["in process", runHere, <T>(rows: readonly T[]) => rows],
] as const;

describe.each(WAYS)("%s", (_way, runAny, rowsOf) => {
  test.each(rowsOf(WRONG_ARGUMENTS))(
    "wrong arguments %j exit with 2 and one line",
    async (args, message) => {
      const { code, stdout, stderr } = await runAny(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^gestalt-cache-memory: [^\n]+; see gestalt-cache-memory[a-z ]* --help\n$/,
      );
      expect(stderr).toMatch(message);
    },
  );

  test.each(rowsOf(WRONG_FILES))(
    "a config file with %j exits with 1 and one line",
    async (text, message) => {
      const file = join(tempDirectory(), "config.yaml");
      writeFileSync(file, text);
      const { code, stderr } = await runAny(
        "serve",
        "--config",
        file,
        "--listen",
        "/nowhere/x.sock",
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/^gestalt-cache-memory: [^\n]+\n$/);
      expect(stderr).toContain(file);
      expect(stderr).toMatch(message);
    },
  );
});

test("a missing config file exits with 1 and one line", async () => {
  const directory = tempDirectory();
  const none = join(directory, "none.yaml");
  expect(await run("serve", "--config", none)).toEqual({
    code: 1,
    stdout: "",
    stderr: `gestalt-cache-memory: cannot read ${none}: the file does not exist\n`,
  });
  expect((await run("serve", "--config", directory)).stderr).toBe(
    `gestalt-cache-memory: cannot read ${directory}: it is a directory\n`,
  );
});

test("an unreadable config file exits with 1 and one line", async () => {
  const file = join(tempDirectory(), "secret.yaml");
  writeFileSync(file, "");
  chmodSync(file, 0);
  // The superuser may read everything; for it a file that no rights can open stands in.
  const unreadable = process.getuid?.() === 0 ? "/proc/self/mem" : file;
  const { code, stderr } = await run("serve", "--config", unreadable);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^gestalt-cache-memory: cannot read [^\n]+\n$/);
});
