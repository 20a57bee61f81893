import type { CaseResult, ConformanceReport } from "../report.js";
import { groupBySection } from "./section-names.js";

/** A report for people: a table by section, the failed and the skipped cases, and a summary. */
export function renderText(report: ConformanceReport): string {
  const { results, subject, profile, problem, kitVersion } = report;
  const blocks = [
    `${subject}, profile ${profile}, kit ${kitVersion}`,
    problem === undefined ? "" : `The run ended early: ${problem}.`,
    tableOf(results),
    ...results.filter((result) => result.outcome === "failed").map(failureOf),
    skippedOf(results),
    summaryOf(report),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

const OUTCOMES = ["passed", "failed", "skipped"] as const;

function tableOf(results: readonly CaseResult[]): string {
  const rows = groupBySection(results, (result) => result.case.section).map(([name, group]) => [
    name,
    ...OUTCOMES.map((outcome) => group.filter((result) => result.outcome === outcome).length),
  ]);
  const lines = [["section", ...OUTCOMES], ...rows.map((row) => row.map(String))];
  const width = Math.max(...lines.map(([name = ""]) => name.length));
  return lines
    .map(([name = "", ...counts]) => {
      const cells = counts.map((count, index) => count.padStart(OUTCOMES[index]?.length ?? 0));
      return `  ${name.padEnd(width)}  ${cells.join("  ")}`;
    })
    .join("\n");
}

function failureOf(result: CaseResult): string {
  if (result.outcome !== "failed") return "";
  const { id, title, level, reason } = result.case;
  const sent = result.sent.map((line) => `      ${line}`);
  return [
    `FAILED ${id} (${level})`,
    `    ${title}`,
    `    Why: ${reason}`,
    ...(sent.length > 0 ? ["    sent:", ...sent] : []),
    `    expected: ${result.expected}`,
    `    received: ${result.received}`,
  ].join("\n");
}

/** More cases than this with one reason are counted rather than named. */
const NAMED_CASES = 40;

/** Skipped cases by their reason: one reason often holds for many. */
function skippedOf(results: readonly CaseResult[]): string {
  const byReason = new Map<string, string[]>();
  for (const result of results) {
    if (result.outcome !== "skipped") continue;
    byReason.set(result.reason, [...(byReason.get(result.reason) ?? []), result.case.id]);
  }
  return [...byReason]
    .map(([reason, ids]) => {
      const named = ids.length > NAMED_CASES ? [`${ids.length} cases`] : ids;
      return `skipped (${reason}):\n    ${named.join("\n    ")}`;
    })
    .join("\n");
}

function summaryOf({
  passed,
  failed,
  skipped,
  durationMs,
  conforms,
  profile,
}: ConformanceReport): string {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  const verdict = `${conforms ? "conforms" : "does not conform"} to the ${profile} profile`;
  return `${verdict}: ${counts} in ${(durationMs / 1000).toFixed(1)} s`;
}
