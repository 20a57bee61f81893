import { Command } from "commander";
import { clientAction, EXIT_NOTHING } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { parseTtlFlag, TTL_FORMS } from "./client/ttl-flag.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} touch --ttl 30m session:1
  $ ${PROGRAM_NAME} touch --ttl never session:1

The time to live counts from now. The value does not change. Prints nothing. The exit code
is 0 if at least one of the keys was live.`;

interface TouchFlags extends ConnectionFlags {
  readonly ttl: number;
}

/** Creates the command `touch`, which sets the TTL of entries. */
export function createTouchCommand(): Command {
  const command = new Command("touch")
    .summary("set the time to live of entries")
    .description("Set the time to live of entries.")
    .argument("<keys...>")
    .requiredOption("--ttl <duration>", `time to live: ${TTL_FORMS}`, parseTtlFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (keys: readonly string[], { ttl, ...connection }: TouchFlags) => {
        const touched = await withCache(connection, async (cache) => {
          let count = 0;
          for (const key of keys) if (await cache.touch(key, ttl)) count++;
          return count;
        });
        if (touched === 0) throw new ExitStatus(EXIT_NOTHING, "nothing to touch");
      }),
    );
}
