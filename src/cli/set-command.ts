import { Command, Option } from "commander";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  readFile,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { readStandardInput } from "./client/standard-streams.js";
import { parseTtlFlag, TTL_FORMS } from "./client/ttl-flag.js";
import { parseWord, WORD_FORMATS, type WordFormat } from "./client/value-format.js";
import { PROGRAM_NAME } from "./program-name.js";
import { UsageError } from "./usage-error.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} set user:1 Ada
  $ ${PROGRAM_NAME} set --ttl 5m session:1 '{"user": 1}'
  $ ${PROGRAM_NAME} set --format hex flag 00ff
  $ ${PROGRAM_NAME} set --file picture.png picture
  $ curl -s https://example.com/ | ${PROGRAM_NAME} set page -

The value - reads standard input, byte for byte. An existing entry loses its value and its
TTL. Without --ttl the entry never expires.`;

interface SetFlags extends ConnectionFlags {
  readonly file?: string;
  readonly format?: WordFormat;
  readonly ttl?: number;
}

/** Creates the command `set`, which writes a value. */
export function createSetCommand(): Command {
  const command = new Command("set")
    .summary("write a value")
    .description("Write a value.")
    .argument("<key>")
    .argument("[value]", "the value; - reads standard input")
    .option("--file <file>", "read the value from a file")
    .addOption(
      new Option("--format <format>", "format of the value argument (default: text)").choices(
        WORD_FORMATS,
      ),
    )
    .option("--ttl <duration>", `time to live: ${TTL_FORMS} (default: never)`, parseTtlFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (key: string, word: string | undefined, flags: SetFlags) => {
        const { file, format, ttl: ttlMs, ...connection } = flags;
        const value = await readValue(word, file, format);
        await withCache(connection, (cache) => cache.set(key, value, { ttlMs }));
      }),
    );
}

async function readValue(
  word: string | undefined,
  file: string | undefined,
  format: WordFormat | undefined,
): Promise<Uint8Array> {
  if (format !== undefined && (file !== undefined || word === "-")) {
    throw new UsageError("--format applies to a value argument only; other input is read as bytes");
  }
  if (file !== undefined) {
    if (word !== undefined) throw new UsageError("use either a value or --file, not both");
    return readFile(file);
  }
  if (word === undefined) {
    throw new UsageError("no value; give it after the key, - for standard input, or use --file");
  }
  return word === "-" ? readStandardInput() : parseWord(word, format);
}
