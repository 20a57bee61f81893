import { KIT_VERSION } from "./kit-version.js";
import type { CaseFacts } from "./conformance-case.js";
import type { ConformanceProfile } from "./select-cases.js";

/** The outcome of one case. */
export type CaseOutcome =
  | { readonly outcome: "passed" }
  | {
      readonly outcome: "failed";
      /** The last calls of the case with their replies, oldest first. */
      readonly sent: readonly string[];
      readonly expected: string;
      readonly received: string;
    }
  | { readonly outcome: "skipped"; readonly reason: string };

/** One case with its outcome. */
export type CaseResult = CaseOutcome & {
  readonly case: CaseFacts;
  /** Time spent, waiting included, in milliseconds. */
  readonly durationMs: number;
};

/** The results of a run. */
export interface ConformanceReport {
  /** The version of the kit, which decides what conforming means. */
  readonly kitVersion: string;
  /** What was tested. */
  readonly subject: string;
  readonly profile: ConformanceProfile;
  /** The ids and themes that the run was limited to. */
  readonly only?: readonly string[] | undefined;
  /** The ids and themes that the run left out. */
  readonly skip?: readonly string[] | undefined;
  /** How many cases of the profile were not selected; the report says nothing about them. */
  readonly notSelected: number;
  /** One result for each selected case, in the order of the catalogue. */
  readonly results: readonly CaseResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why the run ended early, such as a provider that does not start. */
  readonly problem?: string;
  readonly durationMs: number;
  /**
   * True when a case passed, none failed and the run was complete. It covers the selected cases
   * only: the provider conforms to the profile when `notSelected` is zero as well.
   */
  readonly conforms: boolean;
}

/** Adds up the results of a run. */
export function createReport(
  run: Pick<
    ConformanceReport,
    "subject" | "profile" | "only" | "skip" | "notSelected" | "results" | "durationMs"
  > & { readonly problem: string | undefined },
): ConformanceReport {
  const { problem, ...rest } = run;
  const count = (outcome: CaseOutcome["outcome"]): number =>
    run.results.filter((result) => result.outcome === outcome).length;
  const passed = count("passed");
  const failed = count("failed");
  return {
    kitVersion: KIT_VERSION,
    ...rest,
    passed,
    failed,
    skipped: count("skipped"),
    ...(problem === undefined ? {} : { problem }),
    conforms: passed > 0 && failed === 0 && problem === undefined,
  };
}

/** Why a run without failures is no proof; undefined when it is one, or a case failed. */
export function whyInconclusive({
  problem,
  passed,
  failed,
}: ConformanceReport): string | undefined {
  return problem ?? (passed + failed === 0 ? "every selected case was skipped" : undefined);
}
