import { CommanderError } from "commander";
import { ExitStatus } from "../exit-status.js";
import { UsageError } from "../usage-error.js";

/** The exit code of a client command when there was nothing to get, touch or delete. */
export const EXIT_NOTHING = 1;
/** The exit code of a client command that failed. */
export const EXIT_FAILED = 3;

/**
 * Wraps the action of a client command. Any error becomes {@link EXIT_FAILED}, so that
 * {@link EXIT_NOTHING} has only one meaning. A usage error and an ExitStatus keep their exit codes.
 */
export function clientAction<Args extends unknown[]>(
  action: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      if (hasExitCode(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new ExitStatus(EXIT_FAILED, message, { cause: error });
    }
  };
}

function hasExitCode(error: unknown): boolean {
  return (
    error instanceof ExitStatus || error instanceof UsageError || error instanceof CommanderError
  );
}
