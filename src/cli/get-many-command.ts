import { Code } from "@connectrpc/connect";
import { Command } from "commander";
import type { Cache } from "../client/cache.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  EXIT_NOTHING,
  withCache,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { formatEntryLine } from "./client/entry-lines.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { ExitStatus } from "./exit-status.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} get-many user:1 user:2
  $ ${PROGRAM_NAME} get-many a b | ${PROGRAM_NAME} set-many --target tcp://localhost:7070 -

Writes a line of JSON for each key that is there: {"key": "a", "value": "text"}, with
"base64" in place of "value" when the value is no text.`;

/** `get-many KEY...`: entries as lines of JSON. */
export function createGetManyCommand(): Command {
  const command = new Command("get-many")
    .summary("read several values, as lines of JSON")
    .description("Read several values, as lines of JSON.")
    .argument("<keys...>");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(async (keys: readonly string[], flags: ConnectionFlags) => {
      const lines = await withCache(flags, async (cache) => {
        const found = await getInParts(cache, keys);
        return keys.flatMap((key) => {
          const value = found.get(key);
          return value === undefined ? [] : [formatEntryLine({ key, value })];
        });
      });
      if (lines.length === 0) throw new ExitStatus(EXIT_NOTHING, "no value for any of these keys");
      await writeStandardOutput(lines.join(""));
    });
}

/** All values, in as many calls as the server's limit on one reply makes necessary. */
async function getInParts(
  cache: Cache,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    return new Map(Object.entries(await cache.getMany(keys)));
  } catch (error) {
    const isTooMuch = (error as { code?: unknown }).code === Code.ResourceExhausted;
    if (!isTooMuch || keys.length < 2) throw error;
    const middle = Math.ceil(keys.length / 2);
    const first = await getInParts(cache, keys.slice(0, middle));
    return new Map([...first, ...(await getInParts(cache, keys.slice(middle)))]);
  }
}
