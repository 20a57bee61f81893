import { performance } from "node:perf_hooks";
import { nextTurn } from "../contract/maybe-promise.js";

/** How long a slice holds the event loop, in milliseconds. */
const SLICE_MS = 1;

/**
 * Repeats a short step until it returns true, in slices with a turn of the event loop between
 * them. Slices have a length in time: the same number of entries takes 20 times as long where
 * they are not in the processor's caches or the code is not optimized.
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
