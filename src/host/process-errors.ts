import { errorLine } from "../server/error-line.js";

/**
 * Keeps a serving process alive when an error is not caught: every operation on the cache is
 * one synchronous step, so the error leaves it whole, and other clients depend on it. Each
 * such error becomes one line of the log.
 *
 * Call it only once the process serves. Before that, an uncaught error must end the process,
 * or its host waits for a socket that never comes.
 *
 * @param log - takes one line for each error
 * @returns restores the process's own handling of uncaught errors
 */
export function keepServingOnErrors(log: (line: string) => void): () => void {
  const onError = (error: unknown): void => log(errorLine(error, "uncaught error"));
  const onRejection = (reason: unknown): void => log(errorLine(reason, "unhandled rejection"));
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onRejection);
  // The reader of our output may have ended, as a killed host has. Writing about it would fail again.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onRejection);
  };
}
