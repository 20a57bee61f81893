import { whyInconclusive, type CaseResult, type ConformanceReport } from "../report.js";
import { describeSelection } from "../select-cases.js";

/** A report in the Test Anything Protocol, version 14. */
export function renderTap(report: ConformanceReport): string {
  const { results, kitVersion } = report;
  const problem = whyInconclusive(report);
  const lines = [
    "TAP version 14",
    `1..${results.length}`,
    `# Gestalt cache conformance ${kitVersion}, ${describeSelection(report)}`,
  ];
  for (const [index, result] of results.entries()) lines.push(...pointOf(result, index + 1));
  if (problem !== undefined) lines.push(`Bail out! ${oneLine(problem)}`);
  return `${lines.join("\n")}\n`;
}

function pointOf(result: CaseResult, number: number): readonly string[] {
  const { id, title } = result.case;
  const name = `${number} - ${id}: ${escapeTap(title)}`;
  switch (result.outcome) {
    case "passed":
      return [`ok ${name}`];
    case "skipped":
      return [`ok ${name} # SKIP ${escapeTap(result.reason)}`];
    case "failed":
      return [
        `not ok ${name}`,
        "  ---",
        `  expected: ${JSON.stringify(result.expected)}`,
        `  received: ${JSON.stringify(result.received)}`,
        ...(result.sent.length === 0 ? ["  sent: []"] : ["  sent:"]),
        ...result.sent.map((line) => `    - ${JSON.stringify(line)}`),
        "  ...",
      ];
  }
}

/** `#` begins a directive, and a backslash escapes it. */
function escapeTap(text: string): string {
  return oneLine(text).replaceAll("\\", "\\\\").replaceAll("#", "\\#");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
