/** Program: computes without a pause and says for how long it was kept from it at most. */
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
