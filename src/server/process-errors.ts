import { errorLine } from "./error-line.js";

/**
 * Keeps a serving process alive when an error reaches nobody: it is a defect, but
 * the cache is whole, and other clients depend on it. Such an error becomes one
 * line for `log`.
 *
 * Call it only when the process serves. Before that, an error that reaches nobody
 * must end the process, or its host waits for a socket that never comes.
 */
export function keepServingOnErrors(log: (line: string) => void): void {
  process.on("uncaughtException", (error: unknown) => {
    log(errorLine(error, "uncaught error"));
  });
  process.on("unhandledRejection", (reason: unknown) => {
    log(errorLine(reason, "unhandled rejection"));
  });
  // Whoever read our output may be gone (a killed host is). Saying so would fail again.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}
