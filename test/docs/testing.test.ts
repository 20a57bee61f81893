import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createExampleProject } from "../examples/example-project.js";
import { reducedEnvironment } from "../support/child-process.js";
import { commandUnderTest } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { fencedBlocks } from "./fenced-blocks.js";

const run = promisify(execFile);
const PAGE = "docs/testing.md";
const TIMEOUT_MS = 120_000;

const LANGUAGES = [
  { language: "python", file: "test_session.py", command: ["python3"], version: "--version" },
  { language: "go", file: "main.go", command: ["go", "run"], version: "version" },
] as const;

test.each(LANGUAGES)(
  "the example in $language controls the clock of a cache that exec started",
  { timeout: TIMEOUT_MS },
  async ({ language, file, command, version }) => {
    const blocks = fencedBlocks(PAGE, [language]);
    expect(blocks).toHaveLength(1);
    if (spawnSync(command[0], [version]).status !== 0) {
      console.log(`${command[0]} is not installed: its example is not run`);
      return;
    }
    const directory = tempDirectory();
    const path = join(directory, file);
    writeFileSync(path, blocks[0]?.text ?? "");
    const [program = "", ...args] = commandUnderTest;
    const env = { ...reducedEnvironment(), GOCACHE: join(directory, "go"), GOFLAGS: "-mod=mod" };
    await run(program, [...args, "exec", "--", ...command, path], { env, cwd: directory });
  },
);

test("the recipes in TypeScript pass", { timeout: TIMEOUT_MS }, async () => {
  const [recipes] = fencedBlocks(PAGE, ["ts"]);
  const project = createExampleProject("vitest");
  writeFileSync(join(project.directory, "test/recipes.test.ts"), recipes?.text ?? "");
  const { code, output } = await project.run("npm test");
  expect(output).toMatch(/Tests +10 passed/);
  expect(code).toBe(0);
});
