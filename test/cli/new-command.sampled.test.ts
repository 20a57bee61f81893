import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { commandSubject, runConformance } from "../../src/conformance/index.js";
import { parseSourceManifest } from "../../src/release/manifest/manifest.js";
import { failuresOf } from "../conformance/failures.js";
import { reducedEnvironment, startProcess } from "../support/child-process.js";
import { buildCommand, LOCKED_BUN } from "../support/compiled-executable.js";
import { commandUnderTest, isExecutable, repositoryRoot } from "../support/provider-process.js";
import { isFullSize } from "../support/sample.js";
import { tempDirectory } from "../support/temp-directory.js";
import { runCommandHere } from "./run-command.js";

const TARGET = "cache:./src/provider.ts#provider";

async function run(command: readonly string[], cwd = repositoryRoot, env = {}) {
  const child = startProcess(command, { cwd, env: { ...reducedEnvironment(), ...env } });
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** The command of the npm package: the standalone executable does not contain the example. */
const NEW_COMMAND = [process.execPath, join(repositoryRoot, "dist/cli/main.js"), "new"];

/** Runs it in this process. */
async function runNew(...args: readonly string[]) {
  const { stdout, ...result } = await runCommandHere(["new", ...args]);
  return { ...result, stdout: stdout.toString() };
}

/** Paths of the files in a directory and below, sorted. */
function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** Makes node_modules as npm would, with links instead of downloads. */
function linkDependencies(root: string): void {
  const modules = join(root, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  symlinkSync(repositoryRoot, join(modules, "gestalt-cache-memory"));
  for (const name of ["typescript", "@types"]) {
    symlinkSync(join(repositoryRoot, "node_modules", name), join(modules, name));
  }
  symlinkSync(join(repositoryRoot, "node_modules/typescript/bin/tsc"), join(modules, ".bin/tsc"));
  const program = join(modules, ".bin/gestalt-cache-memory");
  writeFileSync(program, `#!/bin/sh\nexec ${commandUnderTest.join(" ")} "$@"\n`, { mode: 0o755 });
}

describe("a new project", () => {
  const directory = mkdtempSync(join(tmpdir(), "gcm-"));
  const root = join(directory, "my-cache");
  const read = (file: string): string => readFileSync(join(root, file), "utf8");

  beforeAll(() => {
    const [program = "", ...args] = NEW_COMMAND;
    const output = execFileSync(program, [...args, root], { encoding: "utf8" });
    expect(output).toMatch(/^Wrote 12 files\. Next:\n {2}cd .*my-cache && npm install\n/);
    linkDependencies(root);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("keeps the contract in process, by its own tests", async () => {
    const { code, stdout, stderr } = await run(["npm", "test"], root);
    expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/pass [5-9]\d\n/);
    // Cases of the recommended profile.
    for (const id of ["values/copied-out", "bounds/accepted-can-be-read"]) {
      expect(stdout).toMatch(new RegExp(`(✔|ok \\d+ -) ${id}: `));
    }
  }, 60_000);

  test("keeps the contract as gestaltd starts it, by its own script", async () => {
    const { code, stdout } = await run(["npm", "run", "conformance"], root);
    const page = readFileSync(join(repositoryRoot, "docs/writing-a-provider.md"), "utf8");
    const [summary = "no summary"] =
      /^conforms to the recommended profile: .* skipped/m.exec(page) ?? [];
    expect(stdout).toContain(`\n${summary} in `);
    expect(code).toBe(0);
  }, 60_000);

  test("is a package by the host's rules", () => {
    const manifest = parseSourceManifest(read("manifest.before-v8.yaml"));
    const { install, build, run, ...shared } = parse(read("manifest.yaml")) as Record<
      string,
      object
    >;
    expect(shared).toEqual(manifest);
    expect(install).toEqual({ command: ["npm", "run", "--silent", "gestalt-install"] });
    expect(build).toEqual({ command: ["npm", "run", "--silent", "gestalt-ts-build"] });
    expect(run).toEqual({ command: ["node", "dist/src/main.js"] });
    expect(manifest).toMatchObject({
      kind: "cache",
      source: "github.com/example/gestalt-providers/cache/my-cache",
      displayName: "my-cache",
    });
    expect(read(manifest.iconFile)).toMatch(/^<svg /);
    const schema = JSON.parse(read(manifest.spec.configSchemaPath)) as object;
    const accepts = new Ajv2020().compile(schema);
    expect(accepts({})).toBe(true);
    expect(accepts({ anything: 1 })).toBe(false);
    expect(JSON.parse(read("package.json"))).toMatchObject({
      gestalt: { provider: { kind: "cache", target: TARGET.replace("cache:", "") } },
    });
  });

  test("is installed and run as hosts from June 2026 do it", async () => {
    expect(await run(["npm", "run", "--silent", "gestalt-install"], root)).toMatchObject({
      code: 0,
    });
    const args = [join(root, "dist/src/main.js")];
    const subject = commandSubject({ command: process.execPath, args });
    const only = ["get", "lifecycle/kind-is-cache", "process/sigterm-ends"];
    expect(failuresOf(await runConformance(subject, { only }))).toEqual([]);
  }, 60_000);

  test("is built as hosts from June 2026 do it, and the executable serves", async () => {
    const env = { GESTALT_TARGET_LIBC: "glibc", GESTALT_BUN: LOCKED_BUN };
    const built = await run(["npm", "run", "--silent", "gestalt-ts-build"], root, env);
    expect(built.code, built.stderr).toBe(0);
    const subject = commandSubject({ command: join(root, ".gestaltd/bin/my-cache"), args: [] });
    const only = ["get", "lifecycle/kind-is-cache", "process/sigterm-ends"];
    expect(failuresOf(await runConformance(subject, { only }))).toEqual([]);
  }, 60_000);

  test("runs as the oldest hosts run it, bun not on PATH", async () => {
    const args = ["run", "--cwd", root, "gestalt-ts-runtime", "--", root, TARGET];
    const subject = commandSubject({ command: LOCKED_BUN, args, env: { PATH: "/usr/bin:/bin" } });
    const only = ["get", "process/before-configure", "process/parent-death-ends"];
    expect(failuresOf(await runConformance(subject, { only }))).toEqual([]);
  }, 60_000);

  test.runIf(isFullSize)(
    "is built as hosts up to May 2026 build it, and the executable serves",
    async () => {
      const output = join(tempDirectory(), "provider");
      const { code, stderr } = await run(buildCommand(root, TARGET, output));
      expect(code, stderr).toBe(0);
      const subject = commandSubject({ command: output, args: [] });
      const only = ["get", "lifecycle/kind-is-cache", "process/sigterm-ends"];
      expect(failuresOf(await runConformance(subject, { only }))).toEqual([]);
    },
    60_000,
  );
});

test.runIf(isExecutable)("the standalone executable names the command that works", async () => {
  const { code, stderr } = await run([...commandUnderTest, "new", join(tempDirectory(), "x")]);
  expect(stderr).toMatch(/does not contain the example project; run npx gestalt-cache-memory new/);
  expect(code).toBe(1);
});

describe("new", () => {
  test("derives a name that hosts accept from any directory's name", async () => {
    const root = join(tempDirectory(), "_My Cache (2)");
    expect((await runNew(root)).code).toBe(0);
    const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      name: string;
    };
    expect(name).toBe("my-cache-2");
  });

  test("takes the name from --source", async () => {
    const root = tempDirectory();
    const { code } = await runNew(root, "--source", "github.com/me/providers/cache/valkey");
    expect(code).toBe(0);
    const manifest = readFileSync(join(root, "manifest.yaml"), "utf8");
    expect(manifest).toContain("source: github.com/me/providers/cache/valkey\n");
    expect(manifest).toContain("displayName: valkey\n");
  });

  test("copies every file of the example, with another name, source and version", async () => {
    const root = join(tempDirectory(), "mine");
    expect((await runNew(root, "--source", "github.com/me/mine/mine")).code).toBe(0);
    const example = join(repositoryRoot, "examples/provider");
    const tracked = execFileSync("git", ["ls-files"], { cwd: example, encoding: "utf8" });
    const expected = tracked.trim().replace(/^gitignore$/m, ".gitignore");
    expect(filesIn(root)).toEqual(expected.split("\n").sort());
    for (const file of filesIn(root)) {
      expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(/example|file:\.\./);
    }
  });

  test("does not write to a directory that is not empty", async () => {
    const root = tempDirectory();
    writeFileSync(join(root, "notes.txt"), "mine");
    const { code, stderr } = await runNew(root);
    expect(stderr).toBe(`gestalt-cache-memory: ${root} is not empty; nothing was written\n`);
    expect(code).toBe(1);
    expect(readdirSync(root)).toEqual(["notes.txt"]);
  });

  test.each([
    [[], 2, /missing required argument 'directory'/],
    [["x", "--source", "github.com/Me/x/y"], 2, /must be github.com\/OWNER\/REPO\/PATH in lower/],
    [["x", "--source", "example.com/a/b/c"], 2, /must be github.com\/OWNER\/REPO\/PATH/],
    [["/tmp/___"], 2, /no name can be made of "___"; use --source/],
    [["/dev/null/provider"], 1, /cannot read \/dev\/null\/provider: /],
  ])("%j is refused in one line", async (args, exitCode, message) => {
    const { code, stderr } = await runNew(...args);
    expect(stderr).toMatch(message);
    expect(stderr.split("\n").length).toBe(2);
    expect(code).toBe(exitCode);
  });
});
