/**
 * The entry point `gestalt-cache-memory/testing`, for test suites of plugins and providers:
 * caches in the test's own process, and a clock that the test sets.
 *
 * @module testing
 */
export { ManualClock } from "./conformance/manual-clock.js";
export type { Clock } from "./contract/clock.js";
export type { CacheStatistics } from "./memory/statistics.js";
export {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "./standalone/ephemeral-cache.js";
