import type { ConformanceReport } from "../report.js";

/** A report for programs: one JSON object, ended by a newline. */
export function renderJson(report: ConformanceReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
