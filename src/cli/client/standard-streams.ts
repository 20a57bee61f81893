import { buffer } from "node:stream/consumers";
import { ExitStatus } from "../exit-status.js";
import { systemErrorReason } from "../system-error-reason.js";
import { EXIT_FAILED } from "./client-action.js";

/** All of standard input, as bytes. */
export function readStandardInput(): Promise<Buffer> {
  return buffer(process.stdin);
}

/**
 * Writes to standard output and waits until it is taken.
 *
 * @returns false when nobody reads any more, as after `head`, which is no error
 * @throws ExitStatus with {@link EXIT_FAILED} when it cannot be written, as to a full disk
 */
export function writeStandardOutput(output: Uint8Array | string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (error.code === "EPIPE") resolve(false);
      else {
        const problem = `cannot write to standard output: ${systemErrorReason(error)}`;
        reject(new ExitStatus(EXIT_FAILED, problem, { cause: error }));
      }
    };
    process.stdout.once("error", fail);
    process.stdout.write(output, (error) => {
      if (error) return;
      process.stdout.off("error", fail);
      resolve(true);
    });
  });
}
