import type { MaybePromise } from "../contract/maybe-promise.js";
import { errorLine } from "./error-line.js";

/**
 * How many times as long as a check took nothing is checked: looking through a full
 * cache holds up every call (1.5 million entries: 0.3 s), and errors come in storms.
 */
const REST_PER_CHECK = 10;

/** How {@link keepServingOnErrors} goes on after an error. */
export interface ErrorSurvival {
  /** Takes one line for every error. */
  readonly log: (line: string) => void;
  /**
   * Whether what is served can still be trusted; by default it can. Asked after an
   * error, but not for every one: those that come during an answer, or within ten
   * times as long as it took, are followed by one question.
   */
  readonly isSound?: () => MaybePromise<boolean>;
  /** Ends the process; called once, when it cannot. */
  readonly end?: () => void;
}

/**
 * Keeps a serving process alive when an error reaches nobody: it is a defect, but
 * the cache is whole, and other clients depend on it. Such an error becomes one
 * line of the log. Only when the cache is found not to be whole does it end.
 *
 * Call it only when the process serves. Before that, an error that reaches nobody
 * must end the process, or its host waits for a socket that never comes.
 *
 * @returns leaves errors to whatever else there is, as before
 */
export function keepServingOnErrors({ log, isSound, end }: ErrorSurvival): () => void {
  const check =
    isSound &&
    spacedCheck(isSound, () => {
      log("what is stored cannot be trusted any more: ending");
      end?.();
    });
  const survive = (line: string): void => {
    log(line);
    check?.();
  };
  const onError = (error: unknown): void => survive(errorLine(error, "uncaught error"));
  const onRejection = (reason: unknown): void => survive(errorLine(reason, "unhandled rejection"));
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onRejection);
  // Whoever read our output may be gone (a killed host is). Saying so would fail again.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onRejection);
  };
}

/**
 * Makes a function that has everything checked, at once or when the last check is
 * long enough ago. After a check that failed there is no other.
 */
function spacedCheck(isSound: () => MaybePromise<boolean>, onUnsound: () => void): () => void {
  let isBusy = false;
  let isDue = false;
  const run = async (): Promise<void> => {
    isBusy = true;
    isDue = false;
    const begunMs = performance.now();
    if (!(await trust(isSound))) {
      onUnsound();
      return;
    }
    const rest = (): void => {
      isBusy = false;
      if (isDue) void run();
    };
    setTimeout(rest, (performance.now() - begunMs) * REST_PER_CHECK).unref();
  };
  return () => {
    isDue = true;
    if (!isBusy) void run();
  };
}

/** A check that fails has not found everything sound. */
async function trust(isSound: () => MaybePromise<boolean>): Promise<boolean> {
  try {
    return await isSound();
  } catch {
    return false;
  }
}
