/** For test suites of plugins and providers: caches in process, and a clock to turn. */
export { ManualClock } from "./conformance/manual-clock.js";
export type { Clock } from "./contract/clock.js";
export type { CacheStatistics } from "./memory/statistics.js";
export {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "./standalone/ephemeral-cache.js";
