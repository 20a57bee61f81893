import { performance } from "node:perf_hooks";
import { nextTurn } from "../contract/maybe-promise.js";

/** How long a slice occupies the event loop, in milliseconds. */
const SLICE_MS = 1;

/**
 * Repeats a short step until it returns true. Between slices of a millisecond it yields to the
 * event loop. A slice is limited by time, not by a number of steps: a step takes 20 times as long
 * when its data is not in the processor's caches or its code is not optimized.
 */
export async function runInSlices(step: () => boolean): Promise<void> {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      if (step()) return;
    } while (performance.now() < end);
    await nextTurn();
  }
}
