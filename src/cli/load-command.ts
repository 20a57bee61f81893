import type { MessageInitShape } from "@bufbuild/protobuf";
import { Command } from "commander";
import type { LoadEntriesRequestSchema } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { durationFromMs } from "../standalone/control/durations.js";
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
import { CONTROL_HELP, withControl } from "./control/control-channel.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} load entries.jsonl
  $ ${PROGRAM_NAME} dump | ${PROGRAM_NAME} load - --bind other

Reads lines of JSON as dump writes them: {"key": "a", "value": "text", "ttl": "5m"}, with
"base64" in place of "value" for bytes. Without "ttl" an entry never expires. All lines are
checked before the first entry is written. Fault rules do not apply, except to entries above
256 KiB and keys that begin with a byte order mark, which are written by Set.
${CONTROL_HELP}`;

/** LoadEntries takes requests of a mebibyte, and a character may take three bytes. */
const BATCH_BYTES = 256 * 1024;

interface LoadFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** `load FILE`: writes entries, each with its own TTL. */
export function createLoadCommand(): Command {
  const command = new Command("load")
    .summary("write the entries of a file")
    .description("Write the entries of a file, each with its own TTL.")
    .argument("<file>", "lines of JSON as dump writes them; - reads standard input")
    .option("--json", "print the result as JSON");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (file: string, { json = false, ...connection }: LoadFlags) => {
        const input = file === "-" ? await readStandardInput() : readFile(file);
        const entries = parseEntryLines(input, true);
        await write(connection, entries);
        await writeStandardOutput(
          json
            ? `${JSON.stringify({ entries: entries.length })}\n`
            : `wrote entries: ${entries.length}\n`,
        );
      }),
    );
}

/** Writes entries in order, so that their order of use is that of the file. */
async function write(flags: ConnectionFlags, entries: readonly EntryLine[]): Promise<void> {
  await withControl(flags, async ({ call }) => {
    await withCache(flags, async (cache) => {
      for (const batch of batchesOf(entries, BATCH_BYTES)) {
        if (batch.some(needsSet)) {
          for (const { key, value, ttlMs } of batch) await cache.set(key, value, { ttlMs });
        } else {
          await call((control, options) => control.loadEntries(requestFor(batch), options));
        }
      }
    });
  });
}

/**
 * True for an entry that is too large for LoadEntries, and for a key that begins with a byte
 * order mark, which protobuf-es 2.13 leaves out when it decodes a request. Set is decoded by us.
 */
function needsSet({ key, value }: EntryLine): boolean {
  return key.length + value.length > BATCH_BYTES || key.startsWith("\uFEFF");
}

function requestFor(
  batch: readonly EntryLine[],
): MessageInitShape<typeof LoadEntriesRequestSchema> {
  return {
    entries: batch.map(({ key, value, ttlMs }) => ({
      key,
      value,
      ...(ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) }),
    })),
  };
}
