import type { Report } from "../measurement.js";

/** A report as Markdown: heading, explanation, table with aligned columns, notes. */
export function markdownFromReport(report: Report): string {
  const parts = [`### ${report.title}`, report.explanation, table(report)];
  if (report.notes.length > 0) parts.push(report.notes.join("\n\n"));
  for (const { name, title } of report.charts ?? []) parts.push(`![${title}](images/${name}.svg)`);
  return parts.join("\n\n");
}

function table({ columns, rows }: Report): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(3, ...lines.map((line) => (line[column] ?? "").length)),
  );
  const format = (line: readonly string[]): string =>
    `| ${widths.map((width, column) => (line[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [format(columns), rule, ...rows.map(format)].join("\n");
}
