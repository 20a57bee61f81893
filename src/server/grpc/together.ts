/** The most calls in one callback: others must not wait while many large replies are made. */
const MAX_TOGETHER = 16;

/**
 * Returns a function that does a step of a call: at once in Node.js; in the standalone executable
 * (Bun 1.4) together with the same step of other calls, in their order, when `schedule` says.
 *
 * Bun sends everything that one callback writes in one go, but the frames of two callbacks apart:
 * without this, a call costs half as much processor time again. Node.js gains nothing from it.
 *
 * @param schedule - calls back once, after the current callback
 * @param step - does not throw
 */
export function together<Call>(
  schedule: (callback: () => void) => unknown,
  step: (call: Call) => void,
): (call: Call) => void {
  if (!("Bun" in globalThis)) return step;
  const waiting: Call[] = [];
  const doWaiting = (): void => {
    const calls = waiting.splice(0, MAX_TOGETHER);
    if (waiting.length > 0) schedule(doWaiting);
    for (const call of calls) step(call);
  };
  return (call) => {
    if (waiting.push(call) === 1) schedule(doWaiting);
  };
}
