import type { CaseFacts, ConformanceCase, ConformanceLevel } from "./conformance-case.js";

/**
 * Which levels a run covers: `required` the contract only, `recommended` what a
 * good provider does as well, `strict` also the promises of gestalt-cache-memory.
 */
export type ConformanceProfile = "required" | "recommended" | "strict";

/** The profiles, from the least to the most demanding. */
export const CONFORMANCE_PROFILES: readonly ConformanceProfile[] = [
  "required",
  "recommended",
  "strict",
];

const LEVELS: Readonly<Record<ConformanceProfile, readonly ConformanceLevel[]>> = {
  required: ["required"],
  recommended: ["required", "recommended"],
  strict: ["required", "recommended", "ours"],
};

/** Which cases to run. */
export interface CaseSelection {
  readonly profile: ConformanceProfile;
  /**
   * Ids or themes, such as `ttl/expires` or `ttl`; when given, only these. A theme stands for
   * its cases in the profile, an id for its case whatever the level.
   */
  readonly only?: readonly string[] | undefined;
  /** Ids or themes to leave out. */
  readonly skip?: readonly string[] | undefined;
}

/**
 * The cases of a selection, in order; at least one.
 *
 * @throws RangeError for a name that no case has, and for a selection without cases, so that
 *   a mistake does not pass for a run without failures
 */
export function selectCases(
  cases: readonly ConformanceCase[],
  selection: CaseSelection,
): readonly ConformanceCase[] {
  const { only = [], skip = [] } = selection;
  const unknown = [...only, ...skip].find((name) => !cases.some((each) => isNamed(each, name)));
  if (unknown !== undefined) {
    const themes = [...new Set(cases.map(themeOf))].join(", ");
    throw new RangeError(
      `no conformance case is named ${JSON.stringify(unknown)}; themes are ${themes}`,
    );
  }
  const selected = casesOf(cases, selection);
  if (selected.length > 0) return selected;
  const larger = CONFORMANCE_PROFILES.find(
    (profile) => casesOf(cases, { ...selection, profile }).length > 0,
  );
  const wayOut =
    larger === undefined ? "name more cases or skip fewer" : `use the profile ${larger}`;
  throw new RangeError(
    `no conformance case is selected (${describeSelection(selection)}); ${wayOut}`,
  );
}

/** How many cases of its profile a selection leaves out. */
export function countNotSelected(
  cases: readonly ConformanceCase[],
  selection: CaseSelection,
): number {
  const selected = new Set(casesOf(cases, selection));
  return casesOf(cases, { profile: selection.profile }).filter((each) => !selected.has(each))
    .length;
}

/** A selection as reports and messages show it. */
export function describeSelection({ profile, only, skip = [] }: CaseSelection): string {
  const parts = [
    `profile ${profile}`,
    ...(only === undefined ? [] : [`only ${only.join(",") || "nothing"}`]),
    ...(skip.length === 0 ? [] : [`skip ${skip.join(",")}`]),
  ];
  return parts.join(", ");
}

/** True when a profile covers the level of a case. */
export function isInProfile({ level }: CaseFacts, profile: ConformanceProfile): boolean {
  return LEVELS[profile].includes(level);
}

/** The theme of a case: the part of its id before the slash. */
export function themeOf({ id }: CaseFacts): string {
  return id.slice(0, id.indexOf("/"));
}

function casesOf(
  cases: readonly ConformanceCase[],
  { profile, only, skip = [] }: CaseSelection,
): readonly ConformanceCase[] {
  const wanted = (each: ConformanceCase): boolean =>
    only?.includes(each.id) ||
    ((only?.includes(themeOf(each)) ?? true) && isInProfile(each, profile));
  return cases.filter((each) => wanted(each) && !skip.some((name) => isNamed(each, name)));
}

function isNamed(each: CaseFacts, name: string): boolean {
  return each.id === name || themeOf(each) === name;
}
