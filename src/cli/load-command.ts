import { Command } from "commander";
import type { Cache } from "../client/cache.js";
import { batchesOf } from "./client/batches-of.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  readFile,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { parseEntryLines, type EntryLine } from "./client/entry-lines.js";
import { readStandardInput, writeStandardOutput } from "./client/standard-streams.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} load entries.jsonl
  $ ${PROGRAM_NAME} dump | ${PROGRAM_NAME} load - --bind other

Reads lines of JSON as dump writes them: {"key": "a", "value": "text", "ttl": "5m"}, with
"base64" in place of "value" for bytes. Without "ttl" an entry never expires. All lines are
checked before the first entry is written. Works with every cache, one under gestaltd included.`;

/** Calls under way; a small one is answered in less time than it takes to send the next. */
const MAX_CALLS = 64;

/** Calls up to this size arrive in the order in which they were sent. */
const SMALL_CALL_BYTES = 8_192;

interface LoadFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** `load FILE`: writes entries, each with its own TTL. */
export function createLoadCommand(): Command {
  const command = new Command("load")
    .summary("write the entries of a file")
    .description("Write the entries of a file, each with its own TTL.")
    .argument("<file>", "lines of JSON as dump writes them; - reads standard input")
    .option("--json", "say as JSON what was written");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (file: string, { json = false, ...connection }: LoadFlags) => {
        const input = file === "-" ? await readStandardInput() : readFile(file);
        const entries = parseEntryLines(input, true);
        await withCache(connection, (cache) => write(cache, entries));
        await writeStandardOutput(
          json
            ? `${JSON.stringify({ entries: entries.length })}\n`
            : `wrote entries: ${entries.length}\n`,
        );
      }),
    );
}

/**
 * Writes entries in order, so that their order of use is that of the file. Entries that follow
 * each other share a call when they share a TTL; small calls do not wait for each other.
 */
async function write(cache: Cache, entries: readonly EntryLine[]): Promise<void> {
  let pending: Promise<void>[] = [];
  const haveSameTtl = (one: EntryLine, next: EntryLine): boolean => one.ttlMs === next.ttlMs;
  for (const batch of batchesOf(entries, haveSameTtl)) {
    const bytes = batch.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const isSmall = batch.length === 1 && bytes <= SMALL_CALL_BYTES;
    if (!isSmall || pending.length >= MAX_CALLS) {
      await Promise.all(pending);
      pending = [];
    }
    const [{ ttlMs }] = batch;
    const call = cache.setMany(
      batch.map(({ key, value }) => ({ key, value })),
      { ttlMs },
    );
    if (isSmall) pending.push(call);
    else await call;
  }
  await Promise.all(pending);
}
