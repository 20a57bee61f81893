import { constants } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers";
import { errorLine } from "../server/error-line.js";
import { onSignal } from "./ignored-signals.js";

/** The signals that stop a serving process, of supervisors (TERM) and terminals (INT, HUP). */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** The time in milliseconds after which the process exits. The host kills it 2 s after SIGTERM. */
const STOP_DEADLINE_MS = 1_500;

/**
 * The time in milliseconds within which a second signal repeats the same request: npm and bun
 * forward the Ctrl-C that the terminal has already sent to the whole process group.
 */
const SAME_REQUEST_MS = 200;

/** Options of {@link stopOnSignals}. */
export interface StopOptions {
  /** Closes what the process serves. Called once; the process exits when it settles. */
  readonly close: () => Promise<void>;
  /** Receives one line about a stop that failed or took too long. */
  readonly log: (line: string) => void;
}

/**
 * Stops the process on signals. On the first SIGTERM, SIGINT or SIGHUP it closes and exits with
 * 0, or with 1 when closing fails. After 1.5 s it exits, closed or not. A second signal exits at
 * once, with 128 plus the number of the signal, as in shells. A signal that was ignored when the
 * process started stays ignored.
 *
 * Only this module and the main modules of programs end the process.
 *
 * @returns stops the process in the same way for another reason
 */
export function stopOnSignals({ close, log }: StopOptions): () => void {
  let stoppedAtMs: number | undefined;

  const stop = (): void => {
    if (stoppedAtMs !== undefined) return;
    stoppedAtMs = performance.now();
    setTimeout(() => {
      log(`stopped after ${STOP_DEADLINE_MS} ms without waiting for what was left to close`);
      process.exit(0);
    }, STOP_DEADLINE_MS);
    close().then(
      () => process.exit(0),
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
