import { setMaxListeners } from "node:events";
import { CacheError } from "../../contract/cache-error.js";
import type { CacheMethod } from "./cache-method.js";
import {
  decidesAll,
  parseFaultRule,
  type CompleteFaultEffect,
  type CompleteFaultRule,
  type FaultRule,
} from "./fault-rule.js";
import { createRandomNumbers } from "./random-numbers.js";

/** A rule that is in force. */
export interface Fault {
  /** Its number, from 1; a number is never used again. */
  readonly id: number;
  readonly rule: CompleteFaultRule;
  /** The calls that it has selected and that no earlier rule has decided. */
  readonly selected: number;
  /** The calls that it has been applied to. */
  readonly applied: number;
}

/** What happens to one call. */
export interface AppliedFault {
  /** The rule's number. */
  readonly id: number;
  readonly effect: CompleteFaultEffect;
  readonly keyPrefix: string;
  /** Aborted when delays end early. */
  readonly ended: AbortSignal;
}

interface Entry {
  readonly id: number;
  readonly rule: CompleteFaultRule;
  readonly random: () => number;
  selected: number;
  applied: number;
}

/**
 * The fault rules of one cache. For each call they are tried in the order in which they were
 * added, and the first that applies decides. A decision is one synchronous step, made when the
 * call arrives, so counts and seeds are exact under any concurrency.
 */
export class FaultRules {
  #entries: Entry[] = [];
  #lastId = 0;
  #delays = createDelays();

  /** True when there is no rule. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /**
   * Adds a rule behind the others.
   *
   * @throws CacheError `invalid_argument` when the rule is malformed, or no call can match it
   */
  add(rule: FaultRule): Fault {
    const complete = parseFaultRule(rule);
    const deciders = Array.from(complete.methods, (method) =>
      this.#entries.find(
        ({ rule: earlier, selected }) =>
          selected >= earlier.skip && decidesAll(earlier, method, complete.keyPrefix),
      ),
    );
    if (deciders.every((entry) => entry !== undefined)) {
      const ids = [...new Set(deciders.map(({ id }) => id))].join(", ");
      throw new CacheError(
        "invalid_argument",
        `fault rule: no call can match it, because earlier rules (${ids}) apply to every call ` +
          "that it would select; clear them first",
      );
    }
    const random = createRandomNumbers(complete.seed);
    const entry = { id: ++this.#lastId, rule: complete, random, selected: 0, applied: 0 };
    this.#entries = [...this.#entries, entry];
    return faultFrom(entry);
  }

  /** The rules in the order in which they are tried. */
  list(): Fault[] {
    return this.#entries.map(faultFrom);
  }

  /**
   * Removes rules.
   *
   * @param ids - their numbers; by default all of them. A number that is not there is passed over
   * @returns the rules that were removed
   */
  clear(ids?: readonly number[]): Fault[] {
    const isRemoved = ({ id }: Entry): boolean => ids === undefined || ids.includes(id);
    const removed = this.#entries.filter(isRemoved);
    this.#entries = this.#entries.filter((entry) => !isRemoved(entry));
    return removed.map(faultFrom);
  }

  /** Ends all delays at once: their calls fail as `unavailable`, without taking effect. */
  endDelays(): void {
    this.#delays.abort();
    this.#delays = createDelays();
  }

  /** Decides on a call, and counts it; undefined when no rule applies. */
  apply(method: CacheMethod, keys: readonly string[]): AppliedFault | undefined {
    for (const entry of this.#entries) {
      const { methods, keyPrefix, skip, times, probability } = entry.rule;
      if (!methods.has(method) || !hasPrefix(keys, keyPrefix)) continue;
      entry.selected++;
      if (entry.selected <= skip || entry.applied >= times) continue;
      if (probability < 1 && entry.random() >= probability) continue;
      entry.applied++;
      return { id: entry.id, effect: entry.rule.effect, keyPrefix, ended: this.#delays.signal };
    }
    return undefined;
  }
}

/** An empty prefix selects calls without keys as well. */
function hasPrefix(keys: readonly string[], prefix: string): boolean {
  return prefix === "" || keys.some((key) => key.startsWith(prefix));
}

function faultFrom({ id, rule, selected, applied }: Entry): Fault {
  return { id, rule, selected, applied };
}

/** Every delayed call listens; Node would warn of a leak at the eleventh. */
function createDelays(): AbortController {
  const delays = new AbortController();
  setMaxListeners(0, delays.signal);
  return delays;
}
