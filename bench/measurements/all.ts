import type { Measurement } from "../measurement.js";
import { batches } from "./batches.js";
import { callLatency } from "./call-latency.js";
import { coldStart } from "./cold-start.js";
import { largeValues } from "./large-values.js";
import { mixedLoad } from "./mixed-load.js";
import { redisOrientation } from "./redis-orientation.js";
import { sharedCache } from "./shared-cache.js";
import { scaling } from "./scaling.js";
import { storeOperations } from "./store-operations.js";
import { getThroughput, setThroughput } from "./unary-throughput.js";

/** All that `npm run bench` measures, in this order. */
export const MEASUREMENTS: readonly Measurement[] = [
  getThroughput,
  setThroughput,
  callLatency,
  redisOrientation,
  batches,
  largeValues,
  coldStart,
  storeOperations,
  mixedLoad,
  scaling,
  sharedCache,
];
