/**
 * The entry point `gestalt-cache-memory/testing`, for test suites of plugins and providers:
 * caches in the test's own process, whose time and faults the test controls, and a clock.
 *
 * @module testing
 */
export { ManualClock } from "./conformance/manual-clock.js";
export type { Clock } from "./contract/clock.js";
export type { CacheStatistics } from "./memory/statistics.js";
export type { ClockMode } from "./standalone/control/adjustable-clock.js";
export type {
  BindingControls,
  CacheControls,
  ClockControls,
  FaultControls,
} from "./standalone/control/cache-controls.js";
export type { CacheMethod } from "./standalone/control/cache-method.js";
export type { RecordedCall } from "./standalone/control/call-record.js";
export type {
  EntryInfo,
  EntryWithValue,
  SeedEntry,
} from "./standalone/control/controlled-cache.js";
export type {
  CompleteFaultEffect,
  CompleteFaultRule,
  Failure,
  FaultEffect,
  FaultRule,
  FaultSelection,
} from "./standalone/control/fault-rule.js";
export type { Fault } from "./standalone/control/fault-rules.js";
export type { FailureName, StatusName } from "./standalone/control/status-names.js";
export {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "./standalone/ephemeral-cache.js";
