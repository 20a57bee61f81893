import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import { svgFromLineChart, type LineChart } from "./line-chart.js";

/** Where the tables of each script belong. */
const DOCUMENT = join(import.meta.dirname, "../../docs/performance.md");

/** Puts a script's tables into docs/performance.md, see {@link replaceBetweenMarks}. */
export async function writeDocs(script: string, markdown: string): Promise<void> {
  const replaced = replaceBetweenMarks(readFileSync(DOCUMENT, "utf8"), script, markdown);
  writeFileSync(DOCUMENT, await format(replaced, { parser: "markdown", printWidth: 100 }));
}

/** Draws charts into docs/images. */
export function writeCharts(charts: readonly LineChart[]): void {
  const directory = join(dirname(DOCUMENT), "images");
  mkdirSync(directory, { recursive: true });
  for (const chart of charts) {
    writeFileSync(join(directory, `${chart.name}.svg`), svgFromLineChart(chart));
  }
}

/**
 * A document with `markdown` between the two marks of a script, instead of what
 * is there.
 *
 * @throws Error when the marks are missing
 */
export function replaceBetweenMarks(text: string, script: string, markdown: string): string {
  const begin = `<!-- begin: npm run ${script} -->`;
  const end = `<!-- end: npm run ${script} -->`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) {
    throw new Error(`docs/performance.md has no place for the tables: ${begin} … ${end}`);
  }
  return `${text.slice(0, from)}\n\n${markdown}\n\n${text.slice(to)}`;
}
