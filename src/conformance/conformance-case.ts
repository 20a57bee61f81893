import type { CaseContexts } from "./case-context.js";

/**
 * The level of a case.
 *
 * - `required`: the contract. A provider that breaks it makes a host or a plugin fail.
 * - `recommended`: good practice. The host works without it.
 * - `ours`: a rule of gestalt-cache-memory only.
 */
export type ConformanceLevel = "required" | "recommended" | "ours";

/**
 * What a case needs to run:
 *
 * - `cache`: the seven operations, in process or over gRPC;
 * - `object`: the provider as an object of this process;
 * - `wire`: a gRPC endpoint;
 * - `lifecycle`: a gRPC endpoint that also serves ProviderLifecycle;
 * - `own`: a provider of its own, which it may configure;
 * - `process`: the command that starts the provider.
 */
export type CaseNeed = keyof CaseContexts;

/** The description of a case. */
export interface CaseFacts {
  /** `theme/short-name`. It never changes: people skip and report cases by it. */
  readonly id: string;
  /** The rule, in one sentence. */
  readonly title: string;
  /** The section of the contract: 3 is semantics, 4 is life under the host. */
  readonly section: string;
  readonly level: ConformanceLevel;
  /** Why the rule matters: what fails when it is broken. */
  readonly reason: string;
}

/** Returns the description of a case, without its code. */
export function factsOf({ id, title, section, level, reason }: CaseFacts): CaseFacts {
  return { id, title, section, level, reason };
}

/** A case with one particular need. */
export interface CaseOf<Need extends CaseNeed> extends CaseFacts {
  readonly needs: Need;
  /** True when most of its time is waiting, so that it can run beside others. */
  readonly waits?: boolean;
  /** Rejects with a ConformanceFailure when the provider breaks the rule. */
  readonly run: (context: CaseContexts[Need]) => Promise<void>;
}

/** One rule of the contract, with a check. */
export type ConformanceCase = { [Need in CaseNeed]: CaseOf<Need> }[CaseNeed];
