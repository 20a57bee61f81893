import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createExampleProject } from "../examples/example-project.js";
import { runExample } from "./exec-example.js";
import { fencedBlocks } from "./fenced-blocks.js";

const TIMEOUT_MS = 60_000;

test(
  "the example in Python freezes and advances the clock of a cache that exec started",
  { timeout: TIMEOUT_MS },
  () =>
    runExample({
      language: "python",
      file: "test_session.py",
      command: ["python3"],
      version: "--version",
    }),
);

test("the recipes in TypeScript pass", { timeout: TIMEOUT_MS }, async () => {
  const [recipes] = fencedBlocks("docs/testing.md", ["ts"]);
  const project = createExampleProject("vitest");
  writeFileSync(join(project.directory, "test/recipes.test.ts"), recipes?.text ?? "");
  const { code, output } = await project.run("npm test");
  expect(output).toMatch(/Tests +10 passed/);
  expect(code).toBe(0);
});
