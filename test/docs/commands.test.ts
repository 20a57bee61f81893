import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reducedEnvironment, startProcess, until } from "../support/child-process.js";
import { repositoryRoot } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";
import { createExampleProject } from "../examples/example-project.js";
import { COVERED_COMMANDS, COVERED_PAGES } from "./documented-commands.js";
import { documentedPages, fencedBlocks, type FencedBlock } from "./fenced-blocks.js";
import { createSandbox } from "./sandbox.js";

/** The command lines of a block, without comments and empty lines. */
function commandLines({ text }: FencedBlock): string[] {
  return text
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

const known = new Map(COVERED_COMMANDS.map((command) => [command.line, command]));
const blocks = documentedPages()
  .filter((page) => !COVERED_PAGES.includes(page))
  .flatMap((page) => fencedBlocks(page, ["sh", "bash", "shell", "console"]));
const covered = blocks.filter((block) => commandLines(block).every((line) => known.has(line)));
const others = blocks.filter((block) => !covered.includes(block));

test("the pages contain commands that the tests run", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(5);
  expect(blocks.map(({ language }) => language).filter((each) => each !== "sh")).toEqual([]);
});

test.each(others)("$page:$line works as written", { timeout: 60_000 }, async (block) => {
  const { code, output } = await createSandbox().run(block.text);
  expect(code, `${block.text}\n${output}`).toBe(0);
});

test.each(COVERED_COMMANDS)("the covered command $line is in a page", (command) => {
  const used = covered.flatMap(commandLines);
  expect(used, "no page has this command any more").toContain(command.line);
  if (!("by" in command)) return;
  const [file, piece] = command.by;
  const path = join(repositoryRoot, file);
  expect(existsSync(path), file).toBe(true);
  expect(readFileSync(path, "utf8")).toContain(piece);
});

test("npm start runs a cache until it is told to stop", async () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
    scripts: { start: string; prestart: string };
  };
  // Without the build, which other tests are using, and without npm, which would not pass on KILL.
  expect(scripts.prestart).toContain("npm run --silent build");
  const child = startProcess(scripts.start.split(" "), {
    cwd: repositoryRoot,
    env: { ...reducedEnvironment(), XDG_RUNTIME_DIR: tempDirectory() },
  });
  await until(() => child.stdout().includes("\n"), { what: () => child.stderr() });
  const [, socket = ""] = /^export GESTALT_CACHE_SOCKET=(\S+)$/m.exec(child.stdout()) ?? [];
  expect(existsSync(socket)).toBe(true);
  child.signal("SIGINT");
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(socket)).toBe(false);
});

test("the example's program runs as its page says", { timeout: 60_000 }, async () => {
  const { code, output } = await createExampleProject("plugin").run(
    "npx gestalt-cache-memory exec --bind visits -- npm start Ada Grace Ada",
  );
  expect(output).toContain("Ada");
  expect(code, output).toBe(0);
});
