import { InvalidArgumentError } from "commander";
import { CacheError } from "../../contract/cache-error.js";
import { escapeControls } from "../../contract/printable-text.js";
import type { FaultRule as FaultRuleMessage } from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import {
  CACHE_METHODS,
  findCacheMethod,
  type CacheMethod,
} from "../../standalone/control/cache-method.js";
import { msFromDuration } from "../../standalone/control/durations.js";
import {
  parseFaultRule,
  type FaultEffect,
  type FaultRule,
} from "../../standalone/control/fault-rule.js";
import { findFailureName } from "../../standalone/control/status-names.js";
import { formatDurationMs, parseDurationMs } from "../duration-text.js";

/** How a rule is written, for help texts. */
export const RULE_HELP = `
A RULE is METHODS[/PREFIX]=EFFECT, and sets what happens to calls of some methods:
  METHODS  get, getMany, set, setMany, delete, deleteMany, touch, separated by commas; * for all
  /PREFIX  only calls with a key that begins with this prefix
  EFFECT   unavailable, deadline_exceeded or another gRPC status: fail, and do nothing
           lost   do it, and lose the reply
           miss   find nothing (get, getMany, touch); the entries stay
           200ms  delay the call
After EFFECT, in this order: :2 for two calls only, +3 after three calls, @20% of the calls at
random, ~7 with the random numbers of seed 7. The first rule that applies to a call decides.`;

const RULE =
  /^(?<target>[^=]*(?:=.*)?)=(?<effect>[\w.]+)(?::(?<times>\d+))?(?:\+(?<skip>\d+))?(?:@(?<percent>\d+(?:\.\d+)?)%)?(?:~(?<seed>\d+))?$/s;

/**
 * Reads a rule as people write it, such as `get=unavailable:2`; {@link RULE_HELP} says how.
 *
 * @throws InvalidArgumentError naming what is wrong with it
 */
export function parseFaultText(text: string): FaultRule {
  const { target, effect, times, skip, percent, seed } = RULE.exec(text)?.groups ?? {};
  if (target === undefined || effect === undefined) {
    throw new InvalidArgumentError("Use METHODS[/PREFIX]=EFFECT, such as get=unavailable:2.");
  }
  const [methods = "", ...prefix] = target.split("/");
  const rule: FaultRule = {
    methods: methods === "*" ? [] : methods.split(",").map(methodFrom),
    ...(prefix.length === 0 ? {} : { keyPrefix: prefix.join("/") }),
    ...(times === undefined ? {} : { times: Number(times) }),
    ...(skip === undefined ? {} : { skip: Number(skip) }),
    ...(percent === undefined ? {} : { probability: Number(percent) / 100 }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...effectFrom(effect),
  };
  try {
    parseFaultRule(rule);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    throw new InvalidArgumentError(`${error.message.replace(/^fault rule: /, "")}.`);
  }
  return rule;
}

/** A rule of a server in the form that {@link parseFaultText} reads, but for its messages. */
export function formatFaultText(rule: FaultRuleMessage): string {
  const { methods, keyPrefix, effect, times, skip, probability, seed } = rule;
  const names = methods.map((name) => findCacheMethod(name) ?? name);
  const possible = effect.case === "miss" ? 3 : CACHE_METHODS.length;
  const parts = [
    names.length === possible ? "*" : names.join(","),
    keyPrefix === "" ? "" : `/${keyPrefix}`,
    `=${effectText(effect)}`,
    times === undefined ? "" : `:${times}`,
    skip === 0 ? "" : `+${skip}`,
    probability === undefined ? "" : `@${Number((probability * 100).toPrecision(12))}%`,
    seed === undefined ? "" : `~${seed}`,
  ];
  return escapeControls(parts.join(""));
}

function methodFrom(name: string): CacheMethod {
  const method = findCacheMethod(name.trim());
  if (method !== undefined) return method;
  throw new InvalidArgumentError(
    `Unknown method ${JSON.stringify(name)}; use ${CACHE_METHODS.join(", ")} or *.`,
  );
}

function effectFrom(text: string): FaultEffect {
  if (text === "lost") return { loseReply: true };
  if (text === "miss") return { miss: true };
  const delayMs = parseDurationMs(text);
  if (delayMs !== undefined) return { delayMs };
  const code = findFailureName(text);
  if (code !== undefined) return { fail: code };
  throw new InvalidArgumentError(
    `Unknown effect ${JSON.stringify(text)}; use a gRPC status such as unavailable, ` +
      "lost, miss, or a time such as 200ms.",
  );
}

function effectText(effect: FaultRuleMessage["effect"]): string {
  switch (effect.case) {
    case "fail":
      return effect.value.code;
    case "loseReply":
      return "lost";
    case "delay":
      return formatDurationMs(msFromDuration("delay", effect.value));
    case "miss":
    case undefined:
      return effect.case ?? "";
  }
}
