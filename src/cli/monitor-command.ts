import { Command } from "commander";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { callJson, callText, lineFromMessage } from "./control/call-lines.js";
import { CONTROL_HELP, withControl } from "./control/control-channel.js";
import { parseCountFlag } from "./count-flag.js";
import { PROGRAM_NAME } from "./program-name.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} monitor
  $ ${PROGRAM_NAME} monitor --json > calls.jsonl
  $ ${PROGRAM_NAME} monitor --count 10

Shows each call to a cache when it has ended: time of day, method, keys, hits and misses, bytes
of values, status and duration. Values are never shown. Calls that do not reach the cache, such
as malformed ones, are not shown. Ends with Ctrl-C, or with the server.
${CONTROL_HELP}`;

interface MonitorFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly count?: number;
}

/** `monitor`: the calls to a cache, as they come. */
export function createMonitorCommand(): Command {
  const command = new Command("monitor")
    .summary("show the calls to a cache as they come")
    .description("Show the calls to a cache as they come.")
    .option("--json", "as lines of JSON")
    .option("--count <calls>", "end after this many calls", parseCountFlag);
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(monitor));
}

async function monitor({
  json = false,
  count = Infinity,
  ...connection
}: MonitorFlags): Promise<void> {
  await withControl(connection, async ({ control, call }) => {
    // With a deadline: a server that cannot be reached is an error, a quiet one is not.
    await call((_, options) => control.getClock({}, options));
    const ended = new AbortController();
    let shown = 0;
    for await (const { call: message, dropped } of control.watchCalls({}, ended)) {
      if (dropped > 0n) console.error(`${PROGRAM_NAME}: ${dropped} calls were left out`);
      if (message === undefined) {
        console.error(`${PROGRAM_NAME}: watching; Ctrl-C ends it`);
        continue;
      }
      const line = lineFromMessage(message);
      const isRead = await writeStandardOutput(json ? callJson(line) : callText(line));
      if (!isRead || ++shown >= count) break;
    }
    ended.abort();
  });
}
