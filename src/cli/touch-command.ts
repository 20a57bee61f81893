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

Counts the time to live from now; the value stays. Prints nothing.`;

interface TouchFlags extends ConnectionFlags {
  readonly ttl: number;
}

/** `touch KEY... --ttl`: gives entries a new TTL. */
export function createTouchCommand(): Command {
  const command = new Command("touch")
    .summary("give entries a new time to live")
    .description("Give entries a new time to live.")
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
