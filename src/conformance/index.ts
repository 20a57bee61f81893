/**
 * The entry point `gestalt-cache-memory/conformance`: each rule of the cache contract as a
 * case, and the means to run the cases against a provider: in process, at an address, or as a
 * command.
 *
 * @module conformance
 */
export type { ProviderConfig, ProviderUnderTest } from "./case-context.js";
export { CONFORMANCE_CASES } from "./cases/all-cases.js";
export type { CaseFacts, CaseNeed, ConformanceCase, ConformanceLevel } from "./conformance-case.js";
export type { ProviderCommand } from "./process/running-provider.js";
export {
  registerConformance,
  type DescribeFunction,
  type ItFunction,
} from "./register-conformance.js";
export type { CaseOutcome, CaseResult, ConformanceReport } from "./report.js";
export { KIT_VERSION } from "./kit-version.js";
export { renderBadge } from "./report/render-badge.js";
export { renderJson } from "./report/render-json.js";
export { renderJunit } from "./report/render-junit.js";
export { renderTap } from "./report/render-tap.js";
export { renderText } from "./report/render-text.js";
export {
  runConformance,
  type ConformanceOptions,
  type ConformanceProgress,
} from "./run-conformance.js";
export type { ConformanceProfile } from "./select-cases.js";
export type { ConformanceSubject } from "./subject.js";
export { commandSubject } from "./subjects/command-subject.js";
export {
  inProcessSubject,
  type CreateProvider,
  type InProcessOptions,
} from "./subjects/in-process-subject.js";
export type { ProviderTarget, TargetTlsOptions } from "./grpc/connect-target.js";
export { targetSubject, type TargetOptions } from "./subjects/target-subject.js";
