import { Command, Option } from "commander";
import { quoteKey } from "../contract/cache-error.js";
import { clientAction, EXIT_NOTHING } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { formatValue, VALUE_FORMATS, type ValueFormat } from "./client/value-format.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} get user:1
  $ ${PROGRAM_NAME} get --format hex user:1
  $ ${PROGRAM_NAME} get picture > picture.png

The output is the bytes of the value, unchanged. On a terminal it is text with a line
break at the end, or hex if the value is not printable text.`;

interface GetFlags extends ConnectionFlags {
  readonly format?: ValueFormat;
}

/** Creates the command `get`, which writes a value to standard output. */
export function createGetCommand(): Command {
  const command = new Command("get")
    .summary("read a value")
    .description("Read a value.")
    .argument("<key>")
    .addOption(new Option("--format <format>", "format of the output").choices(VALUE_FORMATS));
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (key: string, { format, ...connection }: GetFlags) => {
        const value = await withCache(connection, (cache) => cache.get(key));
        if (value === undefined) {
          throw new ExitStatus(EXIT_NOTHING, `no value for ${quoteKey(key)}`);
        }
        const isTerminal = process.stdout.isTTY;
        await writeStandardOutput(formatValue(value, { format, isTerminal }));
      }),
    );
}
