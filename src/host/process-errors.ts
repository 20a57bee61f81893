import { errorLine } from "../server/error-line.js";

/**
 * Logs uncaught errors and unhandled rejections, one line each, and keeps the process serving.
 * That is safe for a cache whose operations are single synchronous steps: an error leaves it
 * whole, and other clients depend on it.
 *
 * Call it only when the process serves. Before that, an uncaught error must end the process, or
 * its host waits for a socket that never appears.
 *
 * @param log - receives the lines
 * @returns restores the default handling of uncaught errors
 */
export function keepServingOnErrors(log: (line: string) => void): () => void {
  const onError = (error: unknown): void => log(errorLine(error, "uncaught error"));
  const onRejection = (reason: unknown): void => log(errorLine(reason, "unhandled rejection"));
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onRejection);
  // The reader of the output may have ended, as a killed host has. A line about that would fail too.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onRejection);
  };
}
