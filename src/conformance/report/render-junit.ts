import { whyInconclusive, type CaseResult, type ConformanceReport } from "../report.js";
import { describeSelection, themeOf } from "../select-cases.js";

/** A report as JUnit XML, which CI systems display: one suite, with one class for each theme. */
export function renderJunit(report: ConformanceReport): string {
  const { subject, results, durationMs, kitVersion } = report;
  const problem = whyInconclusive(report);
  // It belongs to no case, yet must not pass for success.
  const errors = problem === undefined ? 0 : 1;
  const attributes = [
    ["name", `gestalt cache conformance ${kitVersion}, ${describeSelection(report)}: ${subject}`],
    ["tests", String(results.length + errors)],
    ["failures", String(report.failed)],
    ["errors", String(errors)],
    ["skipped", String(report.skipped)],
    ["time", seconds(durationMs)],
  ].map(([name = "", value = ""]) => ` ${name}="${escapeXml(value)}"`);
  const ended =
    problem === undefined
      ? []
      : [
          '  <testcase classname="run" name="completes" time="0">',
          `    <error message="${escapeXml(problem)}"/>`,
          "  </testcase>",
        ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite${attributes.join("")}>`,
    ...results.map(testcaseOf),
    ...ended,
    "</testsuite>",
    "",
  ].join("\n");
}

function testcaseOf(result: CaseResult): string {
  const { id, title } = result.case;
  const name = `${id}: ${title}`;
  const open =
    `  <testcase classname="${escapeXml(themeOf(result.case))}" name="${escapeXml(name)}"` +
    ` time="${seconds(result.durationMs)}"`;
  switch (result.outcome) {
    case "passed":
      return `${open}/>`;
    case "skipped":
      return `${open}>\n    <skipped message="${escapeXml(result.reason)}"/>\n  </testcase>`;
    case "failed": {
      const message = `expected ${result.expected}, received ${result.received}`;
      const sent = escapeXml(result.sent.join("\n"));
      return `${open}>\n    <failure message="${escapeXml(message)}">${sent}</failure>\n  </testcase>`;
    }
  }
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML knows no control characters, not even escaped ones. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"\n]/g, (character) => ENTITIES[character] ?? "")
    .replaceAll(/[^\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
