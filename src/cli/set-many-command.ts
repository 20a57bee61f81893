import { Command } from "commander";
import type { CacheEntry } from "../contract/cache-provider.js";
import { batchesOf } from "./client/batches-of.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { parseEntryLines, parseEntryWord } from "./client/entry-lines.js";
import { readStandardInput } from "./client/standard-streams.js";
import { parseTtlFlag, TTL_FORMS } from "./client/ttl-flag.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} set-many user:1=Ada user:2=Grace
  $ ${PROGRAM_NAME} set-many --ttl 1h - < entries.jsonl

The argument - reads lines of JSON from standard input, in the form that get-many prints:
{"key": "a", "value": "text"} or {"key": "b", "base64": "AP8="}. Without --ttl the entries
never expire.`;

interface SetManyFlags extends ConnectionFlags {
  readonly ttl?: number;
}

/** Creates the command `set-many`, which writes several values. */
export function createSetManyCommand(): Command {
  const command = new Command("set-many")
    .summary("write several values")
    .description("Write several values with one TTL.")
    .argument("<entries...>", "KEY=VALUE; - reads lines of JSON from standard input")
    .option("--ttl <duration>", `time to live: ${TTL_FORMS} (default: never)`, parseTtlFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(
        async (words: readonly string[], { ttl: ttlMs, ...connection }: SetManyFlags) => {
          const parts: (readonly CacheEntry[])[] = [];
          for (const word of words) {
            const isInput = word === "-";
            parts.push(
              isInput ? parseEntryLines(await readStandardInput()) : [parseEntryWord(word)],
            );
          }
          await withCache(connection, async (cache) => {
            for (const batch of batchesOf(parts.flat())) await cache.setMany(batch, { ttlMs });
          });
        },
      ),
    );
}
