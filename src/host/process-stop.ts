import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { errorLine } from "../server/error-line.js";
import { onSignal } from "./ignored-signals.js";

/** What asks a serving process to stop: supervisors (TERM) and terminals (INT, HUP). */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Stopping takes no longer than this. The host kills 2 s after its SIGTERM. */
const STOP_DEADLINE_MS = 1_500;

/**
 * Within this time a second signal is the same request once more: npm and bun pass
 * on the Ctrl-C that the terminal has already sent to the whole process group.
 */
const SAME_REQUEST_MS = 200;

/** How {@link stopOnSignals} ends a process. */
export interface StopOptions {
  /** Ends what is served; called once. The process exits when it is done. */
  readonly close: () => Promise<void>;
  /** Takes one line about a stop that did not go well. */
  readonly log: (line: string) => void;
}

/**
 * Gives this process an orderly end. At the first SIGTERM, SIGINT or SIGHUP it
 * closes and exits with 0, or with 1 when closing failed; after 1.5 s it exits
 * whether closed or not. A second signal ends it at once, with 128 and the
 * signal's number, as shells say it. A signal that was ignored when the process
 * started stays ignored.
 *
 * Together with the command line's main module the only place that ends the
 * process: provider authors get the same end without any code of their own.
 *
 * @returns stops the process for another reason, in the same orderly way, and exits
 *   with 0 or the code that it is given
 */
export function stopOnSignals({ close, log }: StopOptions): (exitCode?: number) => void {
  let stoppedAtMs: number | undefined;

  const stop = (exitCode = 0): void => {
    if (stoppedAtMs !== undefined) return;
    stoppedAtMs = performance.now();
    setTimeout(() => {
      log(`stopped after ${STOP_DEADLINE_MS} ms without waiting for what was left to close`);
      process.exit(exitCode);
    }, STOP_DEADLINE_MS);
    close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log(errorLine(error, "error while closing"));
        process.exit(1);
      },
    );
  };

  for (const signal of STOP_SIGNALS) {
    onSignal(signal, () => {
      if (stoppedAtMs !== undefined && performance.now() - stoppedAtMs > SAME_REQUEST_MS) {
        process.exit(128 + constants.signals[signal]);
      }
      stop();
    });
  }
  return stop;
}
