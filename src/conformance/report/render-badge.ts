import type { ConformanceReport } from "../report.js";
import { isInProfile } from "../select-cases.js";

/**
 * A report in one line of JSON, in the form that shields.io takes from an endpoint for a badge.
 * A run of some cases shows how many of the profile passed, and is not as green as a whole one.
 */
export function renderBadge(report: ConformanceReport): string {
  const { conforms, notSelected, kitVersion } = report;
  const message = conforms ? successText(report) : failureText(report);
  const label = `Gestalt cache conformance ${kitVersion}`;
  const passedColor = notSelected === 0 ? "brightgreen" : "yellowgreen";
  const color = conforms ? passedColor : "red";
  return `${JSON.stringify({ schemaVersion: 1, label, message, color })}\n`;
}

function successText({ profile, results, passed, notSelected }: ConformanceReport): string {
  if (notSelected === 0) return `${profile}, ${passed} ${passed === 1 ? "case" : "cases"}`;
  const inProfile = results.filter((result) => isInProfile(result.case, profile));
  const passedInProfile = inProfile.filter(({ outcome }) => outcome === "passed").length;
  return `${profile}, ${passedInProfile} of ${inProfile.length + notSelected}`;
}

function failureText({ failed, problem }: ConformanceReport): string {
  if (failed > 0) return `${failed} failed`;
  return problem === undefined ? "every case skipped" : "not completed";
}
