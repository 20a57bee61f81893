import { nextMessage, startBenchProgram } from "./child.js";

/**
 * For how many milliseconds, at most, this machine keeps a program on a core from
 * computing: no hold that is measured there can be told from it. Shared machines take
 * the processor away without saying so.
 */
export async function measureLongestInterruption(
  core: number | undefined,
  seconds: number,
): Promise<number> {
  return nextMessage(
    startBenchProgram("process/interruption-program", [String(seconds)], { core }),
  );
}
