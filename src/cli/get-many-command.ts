import { Code } from "@connectrpc/connect";
import { Command } from "commander";
import type { Cache } from "../client/cache.js";
import type { CacheEntry } from "../contract/cache-provider.js";
import { clientAction, EXIT_NOTHING } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
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

Prints a line of JSON for each live key: {"key": "a", "value": "text"}. If the value is
not text, "base64" replaces "value".`;

/** Creates the command `get-many`, which prints entries as lines of JSON. */
export function createGetManyCommand(): Command {
  const command = new Command("get-many")
    .summary("read several values as lines of JSON")
    .description("Read several values as lines of JSON.")
    .argument("<keys...>");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(
      clientAction(async (keys: readonly string[], flags: ConnectionFlags) => {
        const isTerminal = process.stdout.isTTY;
        let found = 0;
        await withCache(flags, async (cache) => {
          for await (const entries of getInParts(cache, keys)) {
            found += entries.length;
            const lines = entries.map((entry) => formatEntryLine(entry, { isTerminal }));
            if (!(await writeStandardOutput(lines.join("")))) return;
          }
        });
        if (found === 0) throw new ExitStatus(EXIT_NOTHING, "no value for any of these keys");
      }),
    );
}

/**
 * Reads the entries of the live keys, in the order of the keys. When a reply would exceed the
 * server's limit, it splits the keys into several calls.
 */
async function* getInParts(
  cache: Cache,
  keys: readonly string[],
): AsyncGenerator<readonly CacheEntry[]> {
  let values: Readonly<Record<string, Uint8Array>>;
  try {
    values = await cache.getMany(keys);
  } catch (error) {
    const isTooMuch = (error as { code?: unknown }).code === Code.ResourceExhausted;
    if (!isTooMuch || keys.length < 2) throw error;
    const middle = Math.ceil(keys.length / 2);
    yield* getInParts(cache, keys.slice(0, middle));
    yield* getInParts(cache, keys.slice(middle));
    return;
  }
  yield keys.flatMap((key) => {
    const value = values[key];
    return value === undefined ? [] : [{ key, value }];
  });
}
