import { fstatSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { systemErrorReason } from "../system-error-reason.js";

/**
 * Reads all of standard input.
 *
 * @throws Error when it cannot be read
 */
export async function readStandardInput(): Promise<Buffer> {
  try {
    // Node reads a directory as an empty stream.
    if (fstatSync(STDIN).isDirectory()) throw new Error("it is a directory");
    return await buffer(process.stdin);
  } catch (error) {
    throw new Error(`cannot read standard input: ${systemErrorReason(error)}`, { cause: error });
  }
}

const STDIN = 0;

/**
 * Writes to standard output and waits until the write is complete.
 *
 * @returns false when the reader has closed the pipe, as `head` does; that is not an error
 * @throws Error when the output cannot be written, as on a full disk
 */
export function writeStandardOutput(output: Uint8Array | string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (error.code === "EPIPE") resolve(false);
      else reject(new Error(`cannot write to standard output: ${systemErrorReason(error)}`));
    };
    process.stdout.once("error", fail);
    process.stdout.write(output, (error) => {
      if (error) return;
      process.stdout.off("error", fail);
      resolve(true);
    });
  });
}
