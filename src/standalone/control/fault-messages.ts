import type { MessageInitShape } from "@bufbuild/protobuf";
import { CacheError } from "../../contract/cache-error.js";
import type {
  FaultRule as FaultRuleMessage,
  FaultRuleSchema,
  FaultSchema,
} from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { CACHE_METHODS, rpcNameOf, type CacheMethod } from "./cache-method.js";
import { durationFromMs, msFromDuration } from "./durations.js";
import type { CompleteFaultRule, Failure, FaultEffect, FaultRule } from "./fault-rule.js";
import type { Fault } from "./fault-rules.js";

/**
 * The rule of a request, still to be checked by `FaultRules.add`.
 *
 * @throws CacheError `invalid_argument` when there is none, or no effect in it
 */
export function ruleFromMessage(message: FaultRuleMessage | undefined): FaultRule {
  if (message === undefined) throw new CacheError("invalid_argument", "rule is required");
  const { methods, keyPrefix, skip, times, probability, seed } = message;
  // Unknown names are found when the rule is checked.
  const selection = { methods: methods as CacheMethod[], keyPrefix, skip };
  return { ...selection, times, probability, seed, ...effectFrom(message) };
}

/** A rule as a message; `FaultRules.add` of what {@link ruleFromMessage} makes of it is the same. */
export function ruleToMessage(rule: CompleteFaultRule): MessageInitShape<typeof FaultRuleSchema> {
  const { methods, keyPrefix, effect, skip, times, probability, seed } = rule;
  return {
    methods: CACHE_METHODS.filter((method) => methods.has(method)).map(rpcNameOf),
    keyPrefix,
    effect:
      effect.kind === "delay"
        ? { case: "delay", value: durationFromMs(effect.delayMs) }
        : effect.kind === "miss"
          ? { case: "miss", value: {} }
          : { case: effect.kind, value: { code: effect.code, message: effect.message } },
    skip,
    ...(times === Infinity ? {} : { times }),
    ...(probability === 1 ? {} : { probability, seed }),
  };
}

/** A rule that is in force, as a message. */
export function faultToMessage(fault: Fault): MessageInitShape<typeof FaultSchema> {
  const { id, rule, selected, applied } = fault;
  return {
    id,
    rule: ruleToMessage(rule),
    selected: BigInt(selected),
    applied: BigInt(applied),
  };
}

function effectFrom({ effect }: FaultRuleMessage): FaultEffect {
  switch (effect.case) {
    case "fail":
      return { fail: failureFrom(effect.value) };
    case "loseReply":
      return { loseReply: failureFrom(effect.value) };
    case "miss":
      return { miss: true };
    case "delay":
      return { delayMs: msFromDuration("delay", effect.value) };
    case undefined:
      throw new CacheError(
        "invalid_argument",
        "fault rule: needs one of fail, lose_reply, miss and delay",
      );
  }
}

/** In messages, what is left out is empty. */
function failureFrom({ code, message }: { code: string; message: string }): Failure {
  return {
    ...(code === "" ? {} : { code: code as NonNullable<Failure["code"]> }),
    ...(message === "" ? {} : { message }),
  };
}
