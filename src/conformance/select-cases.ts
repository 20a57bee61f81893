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
 * The cases of a selection, in order.
 *
 * @throws RangeError for a name that no case has, so that a typing error does not
 *   pass for a run without failures
 */
export function selectCases(
  cases: readonly ConformanceCase[],
  { profile, only, skip = [] }: CaseSelection,
): readonly ConformanceCase[] {
  const unknown = [...(only ?? []), ...skip].find(
    (name) => !cases.some((each) => isNamed(each, name)),
  );
  if (unknown !== undefined) {
    const themes = [...new Set(cases.map(themeOf))].join(", ");
    throw new RangeError(
      `no conformance case is named ${JSON.stringify(unknown)}; themes are ${themes}`,
    );
  }
  const wanted = (each: ConformanceCase): boolean =>
    only?.includes(each.id) ||
    ((only?.includes(themeOf(each)) ?? true) && LEVELS[profile].includes(each.level));
  return cases.filter((each) => wanted(each) && !skip.some((name) => isNamed(each, name)));
}

/** The theme of a case: what stands before the slash of its id. */
export function themeOf({ id }: CaseFacts): string {
  return id.slice(0, id.indexOf("/"));
}

function isNamed(each: CaseFacts, name: string): boolean {
  return each.id === name || themeOf(each) === name;
}
