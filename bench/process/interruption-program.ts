/** Program: computes without a pause and reports its longest interruption. */
import { performance } from "node:perf_hooks";

const endMs = performance.now() + 1000 * Number(process.argv[2]);
let longestMs = 0;
for (let lastMs = performance.now(); lastMs < endMs;) {
  const nowMs = performance.now();
  longestMs = Math.max(longestMs, nowMs - lastMs);
  lastMs = nowMs;
}
process.send?.(longestMs);
process.disconnect();
