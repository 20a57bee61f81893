import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markdownFromReport } from "../../bench/report/table.js";
import { replaceBetweenMarks } from "../../bench/report/write-docs.js";

test("a report becomes a heading, an explanation, an aligned table and notes", () => {
  const markdown = markdownFromReport({
    title: "Get",
    explanation: "The same call.",
    columns: ["server", "calls/s"],
    rows: [
      ["this server", "46,123"],
      ["floor", "1"],
    ],
    notes: ["A note."],
    figures: {},
  });
  expect(markdown.split("\n")).toEqual([
    "### Get",
    "",
    "The same call.",
    "",
    "| server      | calls/s |",
    "| ----------- | ------- |",
    "| this server | 46,123  |",
    "| floor       | 1       |",
    "",
    "A note.",
  ]);
});

test("tables replace what is between their script's marks, and nothing else", () => {
  const page = (table: string): string =>
    `before\n<!-- begin: npm run bench -->${table}<!-- end: npm run bench -->\nafter`;
  expect(replaceBetweenMarks(page("old"), "bench", "new")).toBe(page("\n\nnew\n\n"));
});

test("a page without marks is refused", () => {
  expect(() => replaceBetweenMarks("nothing", "bench", "new")).toThrow("begin: npm run bench");
});

test.each(["bench", "bench -- memory", "bench -- expiry"])(
  "docs/performance.md has a place for the tables of %s",
  (script) => {
    const path = join(import.meta.dirname, "../../docs/performance.md");
    expect(replaceBetweenMarks(readFileSync(path, "utf8"), script, "TABLE")).toContain("TABLE");
  },
);
