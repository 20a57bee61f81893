import { nextMessage, startBenchProgram } from "./child.js";

/**
 * The longest interruption of a computing program by this machine, in milliseconds. Shorter
 * blocks of an event loop cannot be distinguished from it. Shared machines interrupt
 * programs without notice.
 */
export async function measureLongestInterruption(
  core: number | undefined,
  seconds: number,
): Promise<number> {
  return nextMessage(
    startBenchProgram("process/interruption-program", [String(seconds)], { core }),
  );
}
