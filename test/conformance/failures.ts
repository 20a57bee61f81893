import type { ConformanceReport } from "../../src/conformance/index.js";

/** What failed and what ended the run early, short enough for an assertion's message. */
export function failuresOf({ results, problem }: ConformanceReport): readonly string[] {
  const failures = results.flatMap((result) =>
    result.outcome === "failed"
      ? [`${result.case.id}: expected ${result.expected}, received ${result.received}`]
      : [],
  );
  return problem === undefined ? failures : [...failures, problem];
}

/** How many cases were skipped, by reason. */
export function skippedOf({ results }: ConformanceReport): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    if (result.outcome === "skipped") counts[result.reason] = (counts[result.reason] ?? 0) + 1;
  }
  return counts;
}
