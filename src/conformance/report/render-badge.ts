import type { ConformanceReport } from "../report.js";

/** A report in one line of JSON, in the form that shields.io takes from an endpoint for a badge. */
export function renderBadge(report: ConformanceReport): string {
  const { profile, passed, failed, conforms, kitVersion } = report;
  const message = conforms ? `${profile}, ${passed} cases` : failureText(failed);
  const label = `Gestalt cache conformance ${kitVersion}`;
  const color = conforms ? "brightgreen" : "red";
  return `${JSON.stringify({ schemaVersion: 1, label, message, color })}\n`;
}

/** Without a failure, the run ended early. */
function failureText(failed: number): string {
  return failed === 0 ? "not completed" : `${failed} failed`;
}
