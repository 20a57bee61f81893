/** The most calls in one batch: others must not wait while many large replies are made. */
const MAX_BATCH_CALLS = 16;

/**
 * Returns a function that takes a step of a call. In Node.js it takes the step at once. In the
 * standalone executable (Bun 1.4) the call waits for a callback that takes the steps of up to 16
 * waiting calls, in their order. A step that throws does not affect the others.
 *
 * Bun sends everything that one callback writes with one system call, but the frames of two
 * callbacks with two: without batches, a call takes half as much processor time again. Node.js
 * gains nothing from them.
 *
 * @param schedule - runs a callback once, after the current one
 */
export function batchedSteps<Call>(
  schedule: (callback: () => void) => unknown,
  step: (call: Call) => void,
): (call: Call) => void {
  if (!("Bun" in globalThis)) return step;
  const waiting: Call[] = [];
  let isScheduled = false;
  const takeBatch = (): void => {
    const batch = waiting.splice(0, MAX_BATCH_CALLS);
    let taken = 0;
    try {
      while (taken < batch.length) step(batch[taken++] as Call);
    } finally {
      waiting.unshift(...batch.slice(taken));
      isScheduled = waiting.length > 0;
      if (isScheduled) schedule(takeBatch);
    }
  };
  return (call) => {
    waiting.push(call);
    if (isScheduled) return;
    isScheduled = true;
    schedule(takeBatch);
  };
}
