import { CommanderError } from "commander";
import { ExitStatus } from "../exit-status.js";
import { UsageError } from "../usage-error.js";

/** Exit code of a client command: there was nothing to get, touch or delete. */
export const EXIT_NOTHING = 1;
/** Exit code of a client command: it failed, so nothing is known about the cache. */
export const EXIT_FAILED = 3;

/**
 * The action of a client command. Whatever goes wrong in it ends the command with
 * {@link EXIT_FAILED}, so that {@link EXIT_NOTHING} always means what it says; only a
 * command typed wrongly keeps its own exit code.
 */
export function clientAction<Args extends unknown[]>(
  action: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      if (isDecided(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new ExitStatus(EXIT_FAILED, message, { cause: error });
    }
  };
}

function isDecided(error: unknown): boolean {
  return (
    error instanceof ExitStatus || error instanceof UsageError || error instanceof CommanderError
  );
}
