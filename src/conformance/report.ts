import { KIT_VERSION } from "./kit-version.js";
import type { CaseFacts } from "./conformance-case.js";
import type { ConformanceProfile } from "./select-cases.js";

/** The outcome of one case. */
export type CaseOutcome =
  | { readonly outcome: "passed" }
  | {
      readonly outcome: "failed";
      /** The calls of the case with their replies, oldest first. */
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
  /** One result for each selected case, in the order of the catalogue. */
  readonly results: readonly CaseResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why the run ended early, such as a provider that does not start. */
  readonly problem?: string;
  readonly durationMs: number;
  /** True when no case failed and the run was complete. */
  readonly conforms: boolean;
}

/** Adds up the results of a run. */
export function createReport(
  run: Pick<ConformanceReport, "subject" | "profile" | "results" | "durationMs"> & {
    readonly problem: string | undefined;
  },
): ConformanceReport {
  const { problem, ...rest } = run;
  const count = (outcome: CaseOutcome["outcome"]): number =>
    run.results.filter((result) => result.outcome === outcome).length;
  const failed = count("failed");
  return {
    kitVersion: KIT_VERSION,
    ...rest,
    passed: count("passed"),
    failed,
    skipped: count("skipped"),
    ...(problem === undefined ? {} : { problem }),
    conforms: failed === 0 && problem === undefined,
  };
}
