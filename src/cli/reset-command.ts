import { Command } from "commander";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { CONTROL_HELP, withControl } from "./control/control-channel.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} reset
  $ ${PROGRAM_NAME} reset --bind session --json

Removes all entries, fault rules and recorded calls, sets the statistics to zero, and returns
the clock to its first mode: running, or with --clock manual frozen.
${CONTROL_HELP}`;

interface ResetFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** `reset`: a cache as it was when it was started, but for its seed. */
export function createResetCommand(): Command {
  const command = new Command("reset")
    .summary("empty a cache, and forget faults, calls and statistics")
    .description("Empty a cache, and forget its faults, calls and statistics.")
    .option("--json", "as JSON");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async ({ json = false, ...connection }: ResetFlags) => {
        const reply = await withControl(connection, ({ call }) =>
          call((control, options) => control.reset({}, options)),
        );
        const entries = Number(reply.entries);
        await writeStandardOutput(
          json ? `${JSON.stringify({ entries })}\n` : `removed entries: ${entries}\n`,
        );
      }),
    );
}
