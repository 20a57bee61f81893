import type { MaybePromise } from "../contract/maybe-promise.js";
import { errorLine } from "./error-line.js";

/** How {@link keepServingOnErrors} goes on after an error. */
export interface ErrorSurvival {
  /** Takes one line for every error. */
  readonly log: (line: string) => void;
  /** Whether what is served can still be trusted; by default it can. */
  readonly isSound?: () => MaybePromise<boolean>;
  /** Ends the process; called when it cannot. */
  readonly end?: () => void;
}

/**
 * Keeps a serving process alive when an error reaches nobody: it is a defect, but
 * the cache is whole, and other clients depend on it. Such an error becomes one
 * line of the log. Only when the cache is found not to be whole does it end.
 *
 * Call it only when the process serves. Before that, an error that reaches nobody
 * must end the process, or its host waits for a socket that never comes.
 */
export function keepServingOnErrors({ log, isSound, end }: ErrorSurvival): void {
  const survive = async (line: string): Promise<void> => {
    log(line);
    if (await trust(isSound)) return;
    log("what is stored cannot be trusted any more: ending");
    end?.();
  };
  process.on("uncaughtException", (error: unknown) => {
    void survive(errorLine(error, "uncaught error"));
  });
  process.on("unhandledRejection", (reason: unknown) => {
    void survive(errorLine(reason, "unhandled rejection"));
  });
  // Whoever read our output may be gone (a killed host is). Saying so would fail again.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

/** A check that fails has not found everything sound. */
async function trust(isSound: ErrorSurvival["isSound"]): Promise<boolean> {
  try {
    return (await isSound?.()) ?? true;
  } catch {
    return false;
  }
}
