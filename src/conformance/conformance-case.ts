import type { CaseContexts } from "./case-context.js";

/**
 * How binding a case is.
 *
 * - `required`: the contract; a host or plugin goes wrong where it is broken.
 * - `recommended`: what a good provider does; the host copes where it is missing.
 * - `ours`: a promise of gestalt-cache-memory only.
 */
export type ConformanceLevel = "required" | "recommended" | "ours";

/**
 * What a case needs to run:
 *
 * - `cache`: the seven operations, in process or over gRPC;
 * - `object`: the provider as an object of this process;
 * - `wire`: a gRPC endpoint;
 * - `lifecycle`: a gRPC endpoint that serves ProviderLifecycle too;
 * - `own`: a provider of its own, which it may configure as it likes;
 * - `process`: the command that starts the provider.
 */
export type CaseNeed = keyof CaseContexts;

/** What is known of a case without running it. */
export interface CaseFacts {
  /** `theme/sentence-in-short`; permanent, since people skip and report cases by it. */
  readonly id: string;
  /** One sentence of the contract. */
  readonly title: string;
  /** The paragraph that it comes from: 3 is semantics, 4 is life under the host. */
  readonly section: string;
  readonly level: ConformanceLevel;
  /** Why the sentence matters: what goes wrong where it is not kept. */
  readonly reason: string;
}

/** The facts of a case, without what runs it. */
export function factsOf({ id, title, section, level, reason }: CaseFacts): CaseFacts {
  return { id, title, section, level, reason };
}

/** A case with one particular need. */
export interface CaseOf<Need extends CaseNeed> extends CaseFacts {
  readonly needs: Need;
  /** True when most of its time is waiting, so that it can run beside others. */
  readonly waits?: boolean;
  /** Rejects with a ConformanceFailure when the sentence is not kept. */
  readonly run: (context: CaseContexts[Need]) => Promise<void>;
}

/** One sentence of the contract, and how to find out whether it is kept. */
export type ConformanceCase = { [Need in CaseNeed]: CaseOf<Need> }[CaseNeed];
