import type { ConformanceCase } from "../../conformance/conformance-case.js";

/** Cases as lines: id, level and sentence, in columns. */
export function caseListText(cases: readonly ConformanceCase[]): string {
  const idWidth = Math.max(0, ...cases.map(({ id }) => id.length));
  const levelWidth = Math.max(0, ...cases.map(({ level }) => level.length));
  return cases
    .map(({ id, level, title }) => `${id.padEnd(idWidth)}  ${level.padEnd(levelWidth)}  ${title}\n`)
    .join("");
}
