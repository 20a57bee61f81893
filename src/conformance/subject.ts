import type { CaseContexts, ProviderConfig } from "./case-context.js";
import type { CaseNeed } from "./conformance-case.js";
import type { KeySpace } from "./key-space.js";
import type { Transcript } from "./transcript.js";

/** What every case of a run shares. */
export interface SubjectSettings {
  readonly config: ProviderConfig;
  /** True when the caller gave the configuration, which may be empty. */
  readonly isConfigGiven: boolean;
  /** How long one call may take. */
  readonly callTimeoutMs: number;
  /** How long a provider may take to answer on its socket once started. */
  readonly startTimeoutMs: number;
  readonly ttlUnitMs: number;
  readonly keys: KeySpace;
  /** Aborts when the run is to end early. */
  readonly signal: AbortSignal;
}

/** What belongs to one try at one case. */
export interface CaseWorkspace {
  readonly transcript: Transcript;
  readonly keys: KeySpace;
  /** How much longer than usual TTLs are, for another try at a case that was too slow. */
  readonly stretch: number;
  /** Aborts when the case has run out of time. */
  readonly signal: AbortSignal;
  /** Has something done after the case, last one first; it may fail. */
  readonly defer: (undo: () => unknown) => void;
}

/** Makes the context that a case needs. */
export type ContextSource<Need extends CaseNeed> = (
  workspace: CaseWorkspace,
) => CaseContexts[Need] | Promise<CaseContexts[Need]>;

/** A provider, made ready to be tested. */
export interface OpenSubject {
  /** The contexts that this subject can give; cases with other needs are skipped. */
  readonly offers: { readonly [Need in CaseNeed]?: ContextSource<Need> };
  /** True when waiting costs no time, so that nothing is gained by waiting in parallel. */
  readonly exact: boolean;
  /** What is known of a provider that just failed a case, such as that it crashed. */
  readonly diagnose?: () => Promise<string | undefined>;
  /** Removes what the run left behind, and lets go of the provider. */
  readonly close: () => Promise<void>;
}

/** Something that the kit can test: a provider in process, at a target, or a command. */
export interface ConformanceSubject {
  /** What is tested, as reports name it. */
  readonly description: string;
  /** @throws ProviderGone when there is nothing to test */
  readonly open: (settings: SubjectSettings) => Promise<OpenSubject>;
}

/** Why a case with this need cannot run on a subject that does not offer it. */
export const NEED_REASONS: Readonly<Record<CaseNeed, string>> = {
  cache: "needs a cache",
  object: "needs the provider as an object in this process",
  wire: "needs a provider that is served over gRPC",
  lifecycle: "needs the ProviderLifecycle service",
  own: "needs a provider of its own, because it changes the configuration",
  process: "needs the command that starts the provider",
};
