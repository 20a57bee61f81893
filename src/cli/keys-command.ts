import { Command } from "commander";
import { escapeControls } from "../contract/printable-text.js";
import { formatByteSize } from "../memory/config/byte-size.js";
import type { Entry } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { CONTROL_HELP, withControl } from "./control/control-channel.js";
import { listedEntries, ttlMsOf } from "./control/listed-entries.js";
import { parseCountFlag } from "./count-flag.js";
import { formatDurationMs } from "./duration-text.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} keys
  $ ${PROGRAM_NAME} keys user: --long
  $ ${PROGRAM_NAME} keys --newest --limit 10 --json

Lists keys in order of use, the least recently used first, one a line; control characters are
escaped. --json writes a line {"key", "size", "charge", "ttl"} for each: bytes of key and value,
bytes that count against --max-bytes, and what is left of the TTL. Does not count as a use.
${CONTROL_HELP}`;

interface KeysFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly long?: boolean;
  readonly newest?: boolean;
  readonly limit?: number;
}

/** `keys [PREFIX]`: the keys of a cache. */
export function createKeysCommand(): Command {
  const command = new Command("keys")
    .summary("list the keys of a cache")
    .description("List the keys of a cache, in order of use.")
    .argument("[prefix]", "only keys that begin with this prefix")
    .option("--json", "as lines of JSON, with size, charge and TTL")
    .option("--long", "with size and TTL")
    .option("--newest", "the most recently used first")
    .option("--limit <count>", "list at most this many", parseCountFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(keys));
}

async function keys(
  prefix = "",
  { json = false, long = false, newest = false, limit, ...connection }: KeysFlags,
): Promise<void> {
  const lineOf = json ? jsonLine : long ? longLine : keyLine;
  await withControl(connection, async (channel) => {
    for await (const entries of listedEntries(channel, { prefix, newestFirst: newest }, limit)) {
      if (!(await writeStandardOutput(entries.map(lineOf).join("")))) return;
    }
  });
}

function keyLine({ key }: Entry): string {
  return `${escapeControls(key)}\n`;
}

function longLine(entry: Entry): string {
  const ttlMs = ttlMsOf(entry);
  const size = formatByteSize(Number(entry.size)).padStart(9);
  const ttl = (ttlMs === undefined ? "never" : formatDurationMs(ttlMs)).padStart(14);
  return `${size} ${ttl}  ${keyLine(entry)}`;
}

function jsonLine(entry: Entry): string {
  const { key, size, charge } = entry;
  const ttlMs = ttlMsOf(entry);
  const ttl = ttlMs === undefined ? {} : { ttl: formatDurationMs(ttlMs) };
  const line = JSON.stringify({ key, size: Number(size), charge: Number(charge), ...ttl });
  return `${escapeControls(line)}\n`;
}
