import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/provider-process.js";
import { documentedPages, fencedBlocks, walkThroughPages } from "./fenced-blocks.js";
import { diagramImports, roomImports } from "./room-imports.js";

const read = (page: string): string => readFileSync(join(repositoryRoot, page), "utf8");

// The paths on these pages are those of an author's own project.
const AUTHORS = ["docs/writing-a-provider.md", ...walkThroughPages()];
const pages = documentedPages().filter((page) => !AUTHORS.includes(page));

test.each(pages)("every path of the repository that %s names exists", (page) => {
  const named = read(page).matchAll(
    /`((?:src|test|docs|scripts|bench|proto|examples)\/[\w./-]*)`/g,
  );
  const missing = Array.from(named, ([, path = ""]) => path).filter(
    (path) => !path.includes("NAME") && !existsSync(join(repositoryRoot, path)),
  );
  expect(missing).toEqual([]);
});

test("docs/architecture.md describes every room of src/, and no other", () => {
  const folders = (path: string): string[] =>
    readdirSync(join(repositoryRoot, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  const rooms = [...folders("src"), ...folders("src/server").map((name) => `server/${name}`)];
  const [, table = ""] = read("docs/architecture.md").split("## The rooms");
  const [first = ""] = table.split("Beside the rooms");
  const listed = Array.from(first.matchAll(/^\| `([\w/]+)`/gm), ([, room]) => room);
  expect(listed.sort()).toEqual(rooms.sort());
});

test("the diagram of docs/architecture.md shows the imports between the rooms as they are", () => {
  const [rooms] = fencedBlocks("docs/architecture.md", ["mermaid"]);
  expect(diagramImports(rooms?.text ?? "")).toEqual(roomImports(join(repositoryRoot, "src")));
});

test("the tour of docs/architecture.md names seven files that exist", () => {
  const [, tour = ""] = read("docs/architecture.md").split("## A tour in seven files");
  const files = Array.from(tour.matchAll(/^\d\. `([^`]+)`/gm), ([, file = ""]) => file);
  expect(files).toHaveLength(7);
  expect(files.filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
});

test("npm scripts are few, and the pages name only scripts that exist", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  expect(Object.keys(scripts).length).toBeLessThanOrEqual(15);
  const named = pages.flatMap((page) =>
    Array.from(
      read(page).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g),
      ([, name = ""]) => name,
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
