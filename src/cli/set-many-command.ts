import { Command } from "commander";
import type { CacheEntry } from "../contract/cache-provider.js";
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

/** The most entries and bytes of one call, to stay far below the limits of a server. */
const MAX_BATCH_ENTRIES = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;

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

function* batchesOf(entries: readonly CacheEntry[]): Generator<readonly CacheEntry[]> {
  let batch: CacheEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += entry.key.length + entry.value.length;
    if (batch.length < MAX_BATCH_ENTRIES && bytes < MAX_BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
