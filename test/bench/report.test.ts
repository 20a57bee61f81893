import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { svgFromLineChart } from "../../bench/report/line-chart.js";
import { assertIdle, describeMachine, isBusy } from "../../bench/report/machine.js";
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

test("a chart is one SVG file that shows each line, its name and both axes", () => {
  const svg = svgFromLineChart({
    name: "example",
    title: "Get & Set",
    xLabel: "connections",
    yLabel: "calls per second",
    lines: [
      {
        name: "node",
        points: [
          [1, 50],
          [1_000, 75],
        ],
      },
    ],
  });
  expect(svg).toContain("<title>Get &amp; Set</title>");
  // Zero is at the bottom of the plot (y 270), the top (y 40) is the next round number, 80.
  expect(svg).toContain('<polyline points="70.0,126.3 440.0,54.4"');
  for (const label of ["node", "connections", "calls per second", "1", "1K", "80"]) {
    expect(svg).toContain(`>${label}</text>`);
  }
  expect(svg).not.toMatch(/href|url\(/);
});

test.each([
  ["idle", 0.4, false],
  ["busy", 0.6, true],
])("a machine of two cores is %s at a load average of %d", (_, loadAverage, expected) => {
  const machine = { ...describeMachine(), cores: 2, loadAverage };
  expect(isBusy(machine)).toBe(expected);
  const publish = (): void => assertIdle(machine);
  if (expected) expect(publish).toThrow("the load average of this one is 0.60");
  else expect(publish).not.toThrow();
});
