import { toJson } from "@bufbuild/protobuf";
import { Argument, Command } from "commander";
import { FaultSchema, type Fault } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { escapeControls } from "../contract/printable-text.js";
import { ruleToMessage } from "../standalone/control/fault-messages.js";
import { parseFaultRule } from "../standalone/control/fault-rule.js";
import { clientAction } from "./client/client-action.js";
import {
  addConnectionFlags,
  CONNECTION_HELP,
  type ConnectionFlags,
} from "./client/cache-connection.js";
import { writeStandardOutput } from "./client/standard-streams.js";
import { CONTROL_HELP, withControl, type ControlChannel } from "./control/control-channel.js";
import { formatFaultText, parseFaultText, RULE_HELP } from "./control/fault-text.js";
import { PROGRAM_NAME } from "./program-name.js";
import { UsageError } from "./usage-error.js";

const EXAMPLES = `
Examples:
  $ ${PROGRAM_NAME} fault add get=unavailable:2
  $ ${PROGRAM_NAME} fault add set=200ms 'getMany/user:=miss@20%~7'
  $ ${PROGRAM_NAME} fault list --json
  $ ${PROGRAM_NAME} fault clear 1
${RULE_HELP}
${CONTROL_HELP}`;

const ACTIONS = ["add", "list", "clear"] as const;

interface FaultFlags extends ConnectionFlags {
  readonly json?: boolean;
}

/** `fault [add RULE... | list | clear [ID...]]`: makes calls of a cache fail. */
export function createFaultCommand(): Command {
  const command = new Command("fault")
    .summary("make calls of a cache fail, be slow, or find nothing")
    .description("Make calls of a cache fail, be slow, lose their reply, or find nothing.")
    .addArgument(new Argument("[action]", "default: list").choices(ACTIONS))
    .argument("[words...]", "for add: rules; for clear: numbers of rules, none for all")
    .option("--json", "as JSON, one rule a line");
  return addConnectionFlags(command)
    .addHelpText("after", EXAMPLES + CONNECTION_HELP)
    .action(clientAction(fault));
}

async function fault(
  action: (typeof ACTIONS)[number] = "list",
  words: readonly string[],
  { json = false, ...connection }: FaultFlags,
): Promise<void> {
  const act = actionFrom(action, words);
  const faults = await withControl(connection, act);
  const lines = faults.map((each) => `${json ? jsonOf(each) : textOf(each)}\n`);
  await writeStandardOutput(lines.join(""));
}

function actionFrom(
  action: (typeof ACTIONS)[number],
  words: readonly string[],
): (channel: ControlChannel) => Promise<readonly Fault[]> {
  switch (action) {
    case "add": {
      if (words.length === 0) throw new UsageError("fault add needs a rule");
      const rules = words.map(ruleFrom);
      return async ({ call }) => {
        const faults: Fault[] = [];
        for (const rule of rules) {
          const reply = await call((control, options) => control.addFault({ rule }, options));
          if (reply.fault !== undefined) faults.push(reply.fault);
        }
        return faults;
      };
    }
    case "list":
      if (words.length > 0) throw new UsageError("fault list takes no arguments");
      return async ({ call }) =>
        (await call((control, options) => control.listFaults({}, options))).faults;
    case "clear": {
      const ids = words.map(idFrom);
      return async ({ call }) =>
        (await call((control, options) => control.clearFaults({ ids }, options))).faults;
    }
  }
}

function ruleFrom(text: string): ReturnType<typeof ruleToMessage> {
  try {
    return ruleToMessage(parseFaultRule(parseFaultText(text)));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`rule ${JSON.stringify(text)}: ${problem}`);
  }
}

function idFrom(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${JSON.stringify(text)} is not the number of a rule`);
}

function jsonOf(fault: Fault): string {
  return escapeControls(JSON.stringify(toJson(FaultSchema, fault, { alwaysEmitImplicit: true })));
}

function textOf({ id, rule, selected, applied }: Fault): string {
  const text = rule === undefined ? "" : formatFaultText(rule);
  return `${id}  ${text}  applied to ${applied} of ${selected} calls`;
}
