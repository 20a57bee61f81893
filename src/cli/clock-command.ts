import { Argument, Command } from "commander";
import type { Clock } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { MAX_TTL_MS } from "../contract/ttl.js";
import { durationFromMs, msFromDuration } from "../standalone/control/durations.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { CONTROL_HELP, withControl, type ControlChannel } from "./control/control-channel.js";
import { durationParser } from "./duration-flag.js";
import { formatDurationMs } from "./duration-text.js";
import { PROGRAM_NAME } from "./program-name.js";
import { UsageError } from "./usage-error.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} clock
  $ ${PROGRAM_NAME} clock freeze
  $ ${PROGRAM_NAME} clock advance 5m
  $ ${PROGRAM_NAME} clock advance 365d --json

advance moves the clock forward, frozen or not, and removes what is due. freeze stops it, so
that only advance moves it. resume lets it run again from there. A clock never goes back.
${CONTROL_HELP}`;

const ACTIONS = ["advance", "freeze", "resume"] as const;

interface ClockFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** What a clock says after an action. */
interface Reading {
  readonly clock?: Clock | undefined;
  /** The entries that an advance has expired. */
  readonly expired?: bigint;
}

/** `clock [advance DURATION | freeze | resume]`: the time of a cache. */
export function createClockCommand(): Command {
  const command = new Command("clock")
    .summary("show, advance, freeze or resume the clock of a cache")
    .description("Show the clock of a cache, advance it, freeze it, or let it run again.")
    .addArgument(new Argument("[action]", "default: show the clock").choices(ACTIONS))
    .argument("[duration]", "how far to advance: 90s, 5m, 1h30m, 365d")
    .option("--json", "as JSON");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(clock));
}

async function clock(
  action: (typeof ACTIONS)[number] | undefined,
  duration: string | undefined,
  { json = false, ...connection }: ClockFlags,
): Promise<void> {
  const act = actionFrom(action, duration);
  const { clock: state, expired } = await withControl(connection, act);
  const elapsedMs = msFromDuration("elapsed", state?.elapsed);
  const advancedMs = msFromDuration("advanced", state?.advanced);
  const frozen = state?.frozen === true;
  if (json) {
    const counts = expired === undefined ? {} : { expired: Number(expired) };
    const line = JSON.stringify({ frozen, elapsedMs, advancedMs, ...counts });
    await writeStandardOutput(`${line}\n`);
    return;
  }
  const expiry = expired === undefined ? "" : `; ${expired} expired`;
  await writeStandardOutput(
    `${frozen ? "frozen" : "running"} at ${formatDurationMs(elapsedMs)}, ` +
      `${formatDurationMs(advancedMs)} of it advanced${expiry}\n`,
  );
}

function actionFrom(
  action: (typeof ACTIONS)[number] | undefined,
  duration: string | undefined,
): (channel: ControlChannel) => Promise<Reading> {
  if (action === "advance") {
    if (duration === undefined) throw new UsageError("clock advance needs a duration, such as 5m");
    const ms = parseStep(duration);
    return ({ call }) =>
      call((control, options) => control.advanceClock({ duration: durationFromMs(ms) }, options));
  }
  if (duration !== undefined) throw new UsageError(`clock ${action} takes no duration`);
  return ({ call }) =>
    call<Reading>((control, options) => {
      if (action === "freeze") return control.freezeClock({}, options);
      if (action === "resume") return control.resumeClock({}, options);
      return control.getClock({}, options);
    });
}

function parseStep(text: string): number {
  try {
    return durationParser({ minMs: 0, maxMs: MAX_TTL_MS, example: "5m" })(text);
  } catch (error) {
    throw new UsageError(
      `clock advance: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
