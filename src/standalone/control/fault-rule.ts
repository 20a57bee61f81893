import { assertKey } from "../../contract/assert-key.js";
import { CacheError } from "../../contract/cache-error.js";
import { describeType } from "../../contract/describe-type.js";
import { CACHE_METHODS, findCacheMethod, type CacheMethod } from "./cache-method.js";
import { FAILURE_NAMES, findFailureName, type FailureName } from "./status-names.js";

/** How a call fails. */
export interface Failure {
  /** The gRPC status; by default `unavailable`, which clients see when a server is down. */
  readonly code?: FailureName | undefined;
  /** The text for the caller. */
  readonly message?: string | undefined;
}

/** Which calls a rule selects, and to how many of them it applies. */
export interface FaultSelection {
  /** The operations; by default every one that the effect is possible for. */
  readonly methods?: readonly CacheMethod[] | undefined;
  /** Only calls with a key that begins with this. */
  readonly keyPrefix?: string | undefined;
  /** How many calls pass before the rule applies. Default 0. */
  readonly skip?: number | undefined;
  /** How many calls it applies to. Default: no limit. */
  readonly times?: number | undefined;
  /** The part of the calls that it applies to, above 0 and at most 1. Default 1. */
  readonly probability?: number | undefined;
  /**
   * The start of the random numbers for `probability`, from 0 to 4,294,967,295: the same seed
   * selects the same calls. Default: a random one, which `faults.list()` shows.
   */
  readonly seed?: number | undefined;
}

/** What a rule does to a call: exactly one of four. */
export type FaultEffect =
  /** The call fails, and nothing is done. */
  | { readonly fail: FailureName | Failure }
  /** The call is done, and then fails. */
  | { readonly loseReply: true | Failure }
  /**
   * `get` and `getMany` find nothing under the keys that begin with `keyPrefix`, and `touch`
   * returns false. The entries stay.
   */
  | { readonly miss: true }
  /** The call is delayed by this many milliseconds of real time, and is then done. */
  | { readonly delayMs: number };

/**
 * A rule that makes calls of a cache fail, or answers them in another way than the cache would.
 *
 * A rule counts the calls that it selects (`methods`, `keyPrefix`), lets the first `skip` of
 * them pass, applies to the others with `probability`, and stops after `times`.
 */
export type FaultRule = FaultSelection & FaultEffect;

/** A rule whose every part is filled in. */
export interface CompleteFaultRule {
  readonly methods: ReadonlySet<CacheMethod>;
  readonly keyPrefix: string;
  readonly effect: CompleteFaultEffect;
  readonly skip: number;
  /** Infinity: no limit. */
  readonly times: number;
  readonly probability: number;
  readonly seed: number;
}

/** {@link FaultEffect}, filled in. */
export type CompleteFaultEffect =
  | { readonly kind: "fail" | "loseReply"; readonly code: FailureName; readonly message: string }
  | { readonly kind: "miss" }
  | { readonly kind: "delay"; readonly delayMs: number };

/** The operations that have an answer for "there is no such entry". */
const MAY_MISS: readonly CacheMethod[] = ["get", "getMany", "touch"];

const EFFECTS = ["fail", "loseReply", "miss", "delayMs"] as const;
const MEMBERS = ["methods", "keyPrefix", "skip", "times", "probability", "seed", ...EFFECTS];

/** The longest delay that a timer takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;
const MAX_SEED = 2 ** 32 - 1;
/** The largest count that a message carries. */
const MAX_COUNT = 2 ** 32 - 1;

/**
 * Checks a rule and fills in what it leaves out.
 *
 * @param random - a number from 0 to below 1, of which a seed is made when there is none
 * @throws CacheError `invalid_argument` for a rule that is malformed or that no call can match
 */
export function parseFaultRule(
  rule: FaultRule,
  random: () => number = Math.random,
): CompleteFaultRule {
  if (typeof rule !== "object" || (rule as unknown) === null) {
    throw wrong(`must be an object (got ${describeType(rule)})`);
  }
  const unknown = Object.keys(rule).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    throw wrong(`unknown member ${JSON.stringify(unknown)}; the members are ${MEMBERS.join(", ")}`);
  }
  const { keyPrefix = "", skip = 0, times = Infinity, probability = 1 } = rule;
  assertKey(keyPrefix, "fault rule: keyPrefix");
  const effect = effectFrom(rule);
  const methods = methodsFrom(rule.methods ?? [], effect);
  assertNumber(
    "skip",
    skip,
    (value) => Number.isInteger(value) && value >= 0 && value <= MAX_COUNT,
    `a whole number, at most ${MAX_COUNT}`,
  );
  assertNumber(
    "times",
    times,
    (value) => value === Infinity || (Number.isInteger(value) && value >= 1 && value <= MAX_COUNT),
    `a whole number above 0, at most ${MAX_COUNT}: a rule that never applies cannot match`,
  );
  assertNumber(
    "probability",
    probability,
    (value) => value > 0 && value <= 1,
    "above 0 and at most 1: a rule that never applies cannot match",
  );
  const { seed = Math.floor(random() * (MAX_SEED + 1)) } = rule;
  assertNumber(
    "seed",
    seed,
    (value) => Number.isInteger(value) && value >= 0 && value <= MAX_SEED,
    `a whole number from 0 to ${MAX_SEED}`,
  );
  return { methods, keyPrefix, effect, skip, times, probability, seed };
}

/** True when a rule decides every call of a method and a key prefix, once it has let `skip` pass. */
export function decidesAll(
  rule: CompleteFaultRule,
  method: CacheMethod,
  keyPrefix: string,
): boolean {
  return (
    rule.times === Infinity &&
    rule.probability === 1 &&
    keyPrefix.startsWith(rule.keyPrefix) &&
    rule.methods.has(method)
  );
}

function effectFrom(rule: FaultRule): CompleteFaultEffect {
  const members = rule as Partial<Record<(typeof EFFECTS)[number], unknown>>;
  const given = EFFECTS.filter((name) => members[name] !== undefined);
  const [effect] = given;
  if (effect === undefined || given.length > 1) {
    const found = given.length === 0 ? "none" : given.join(" and ");
    throw wrong(`needs exactly one of ${EFFECTS.join(", ")} (got ${found})`);
  }
  const value = members[effect];
  switch (effect) {
    case "fail":
      return { kind: "fail", ...failureFrom(typeof value === "string" ? { code: value } : value) };
    case "loseReply":
      return { kind: "loseReply", ...failureFrom(value === true ? {} : value, REPLY_LOST) };
    case "miss":
      if (value !== true) throw wrong(`miss must be true (got ${describeType(value)})`);
      return { kind: "miss" };
    case "delayMs":
      assertNumber(
        "delayMs",
        value,
        (ms) => ms > 0 && ms <= MAX_DELAY_MS,
        `above 0 and at most ${MAX_DELAY_MS}`,
      );
      return { kind: "delay", delayMs: value };
  }
}

const FAILED = "injected fault: the call was not carried out";
const REPLY_LOST = "injected fault: the call was carried out, and its reply was lost";

function failureFrom(
  value: unknown,
  defaultMessage = FAILED,
): { code: FailureName; message: string } {
  if (typeof value !== "object" || value === null) {
    throw wrong(`a failure must be { code, message } (got ${describeType(value)})`);
  }
  const { code = "unavailable", message = defaultMessage } = value as {
    code?: unknown;
    message?: unknown;
  };
  const name = typeof code === "string" ? findFailureName(code) : undefined;
  if (name === undefined) {
    const shown = typeof code === "string" ? JSON.stringify(code) : describeType(code);
    throw wrong(`code ${shown} is no way to fail; use one of ${FAILURE_NAMES.join(", ")}`);
  }
  if (typeof message !== "string") {
    throw wrong(`message must be a string (got ${describeType(message)})`);
  }
  return { code: name, message };
}

function methodsFrom(
  names: readonly string[],
  { kind }: CompleteFaultEffect,
): ReadonlySet<CacheMethod> {
  if (!Array.isArray(names)) {
    throw wrong(`methods must be an array (got ${describeType(names)})`);
  }
  const possible = kind === "miss" ? MAY_MISS : CACHE_METHODS;
  const methods = names.map((name: unknown) => {
    const method = typeof name === "string" ? findCacheMethod(name) : undefined;
    if (method === undefined) {
      const shown = typeof name === "string" ? JSON.stringify(name) : describeType(name);
      throw wrong(`unknown method ${shown}; the methods are ${CACHE_METHODS.join(", ")}`);
    }
    if (possible.includes(method)) return method;
    throw wrong(`${method} cannot miss; only ${MAY_MISS.join(", ")} can`);
  });
  return new Set(methods.length === 0 ? possible : methods);
}

function assertNumber(
  name: string,
  value: unknown,
  isRight: (value: number) => boolean,
  rule: string,
): asserts value is number {
  if (typeof value === "number" && isRight(value)) return;
  const shown = typeof value === "number" ? String(value) : describeType(value);
  throw wrong(`${name} must be ${rule} (got ${shown})`);
}

function wrong(problem: string): CacheError {
  return new CacheError("invalid_argument", `fault rule: ${problem}`);
}
