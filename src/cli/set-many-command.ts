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

/** One call writes no more than this, so that no server has to take everything at once. */
const MAX_BATCH_ENTRIES = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} set-many user:1=Ada user:2=Grace
  $ ${PROGRAM_NAME} set-many --ttl 1h - < entries.jsonl

With - it reads lines of JSON from standard input, as get-many writes them:
{"key": "a", "value": "text"} or {"key": "b", "base64": "AP8="}.`;

interface SetManyFlags extends ConnectionFlags {
  readonly ttl?: number;
}

/** `set-many KEY=VALUE...`: writes several values. */
export function createSetManyCommand(): Command {
  const command = new Command("set-many")
    .summary("write several values")
    .description("Write several values under one TTL.")
    .argument("<entries...>", "KEY=VALUE; - reads lines of JSON from standard input")
    .option("--ttl <duration>", `time to live: ${TTL_FORMS}`, parseTtlFlag);
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
