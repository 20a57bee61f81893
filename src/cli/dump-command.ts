import { Command } from "commander";
import type { Entry } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { formatEntryLine } from "./client/entry-lines.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { CONTROL_HELP, withControl } from "./control/control-channel.js";
import { listedEntries, ttlMsOf } from "./control/listed-entries.js";
import { keepByteOrderMarks } from "./control/text-encoding.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} dump > entries.jsonl
  $ ${PROGRAM_NAME} dump user: | ${PROGRAM_NAME} load - --target tcp://localhost:7070

Writes a line of JSON for each entry, the least recently used first, as load and --seed read
them: {"key": "a", "value": "text", "ttl": "5m"}, with "base64" in place of "value" when the
value is not text, and without "ttl" when it never expires. A TTL is what is left, rounded up to
a millisecond; stop it with clock freeze. Does not count as a use.
${CONTROL_HELP}`;

/** `dump [PREFIX]`: the entries of a cache as lines of JSON. */
export function createDumpCommand(): Command {
  const command = new Command("dump")
    .summary("write the entries of a cache as lines of JSON")
    .description("Write the entries of a cache as lines of JSON.")
    .argument("[prefix]", "only keys that begin with this prefix")
    .option("--json", "as lines of JSON, which is the default");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(dump));
}

async function dump(prefix = "", connection: ConnectionFlags): Promise<void> {
  const isTerminal = process.stdout.isTTY;
  keepByteOrderMarks();
  await withControl(connection, async (channel) => {
    for await (const entries of listedEntries(channel, { prefix, withValues: true })) {
      const lines = entries.map((entry) => formatEntryLine(lineFrom(entry), { isTerminal }));
      if (!(await writeStandardOutput(lines.join("")))) return;
    }
  });
}

function lineFrom(entry: Entry): Parameters<typeof formatEntryLine>[0] {
  return { key: entry.key, value: entry.value ?? NOTHING, ttlMs: ttlMsOf(entry) };
}

const NOTHING = new Uint8Array();
