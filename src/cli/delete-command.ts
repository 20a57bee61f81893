import { Command } from "commander";
import { MAX_BATCH_ENTRIES } from "./client/batches-of.js";
import { clientAction, EXIT_NOTHING } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} delete user:1
  $ ${PROGRAM_NAME} delete user:1 user:2 user:3

Prints nothing. The exit code is 0 if at least one of the keys was live.`;

/** `delete KEY...`: removes entries. */
export function createDeleteCommand(): Command {
  const command = new Command("delete")
    .summary("remove entries")
    .description("Remove entries.")
    .argument("<keys...>");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (keys: readonly string[], flags: ConnectionFlags) => {
        const deleted = await withCache(flags, async (cache) => {
          let count = 0;
          for (let start = 0; start < keys.length; start += MAX_BATCH_ENTRIES) {
            count += await cache.deleteMany(keys.slice(start, start + MAX_BATCH_ENTRIES));
          }
          return count;
        });
        if (deleted === 0) throw new ExitStatus(EXIT_NOTHING, "nothing to delete");
      }),
    );
}
