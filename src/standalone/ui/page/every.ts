import { showConnection } from "./messages.js";

/**
 * Does something now and every `ms` milliseconds until `signal` is aborted: not while the page is
 * hidden, and not while the last time still lasts. Failures are shown, and tried again.
 */
export function every(ms: number, signal: AbortSignal, action: () => Promise<void>): void {
  let isRunning = false;
  const run = (): void => {
    if (isRunning || document.hidden) return;
    isRunning = true;
    action()
      .then(
        () => showConnection(),
        (error: unknown) => {
          if (!signal.aborted) showConnection(error);
        },
      )
      .finally(() => (isRunning = false));
  };
  const timer = setInterval(run, ms);
  signal.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", run, { signal });
  run();
}
