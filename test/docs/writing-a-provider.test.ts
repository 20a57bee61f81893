import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { fencedBlocks } from "./fenced-blocks.js";

/** The files whose text the page shows, in its order. */
const FILES = ["src/provider.ts", "src/main.ts", "test/conformance.test.ts"];

/**
 * test/cli/new-command.test.ts compiles what `new my-cache` writes, runs its tests, and runs the
 * kit on its process.
 */
test("docs/writing-a-provider.md shows the TypeScript that `new my-cache` writes, and no other", () => {
  const directory = tempDirectory();
  const command = [join(repositoryRoot, "dist/cli/main.js"), "new", "my-cache"];
  execFileSync(process.execPath, command, { cwd: directory });
  const written = FILES.map((file) => readFileSync(join(directory, "my-cache", file), "utf8"));
  const blocks = fencedBlocks("docs/writing-a-provider.md", ["ts", "typescript"]);
  expect(blocks.map(({ text }) => text)).toEqual(written);
});
