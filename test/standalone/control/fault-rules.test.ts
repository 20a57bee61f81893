import { describe, expect, test } from "vitest";
import { parseFaultRule, type FaultRule } from "../../../src/standalone/control/fault-rule.js";
import { FaultRules } from "../../../src/standalone/control/fault-rules.js";

const unavailable = { fail: "unavailable" } as const;

function rulesFrom(...rules: readonly FaultRule[]): FaultRules {
  const all = new FaultRules();
  for (const rule of rules) all.add(rule);
  return all;
}

/** The numbers of the rules that decide so many calls of get; 0 for none. */
function decisions(rules: FaultRules, calls: number, key = "key"): number[] {
  return Array.from({ length: calls }, () => rules.apply("get", [key])?.id ?? 0);
}

describe("fault rules", () => {
  test.each([
    [{}, "needs exactly one of fail, loseReply, miss, delayMs (got none)"],
    [{ ...unavailable, miss: true }, "(got fail and miss)"],
    [
      { ...unavailable, methods: ["fetch"] },
      'unknown method "fetch"; the methods are get, getMany',
    ],
    [{ ...unavailable, methods: [5] }, "unknown method a number"],
    [{ ...unavailable, methods: "get" }, "methods must be an array (got a string)"],
    [{ miss: true, methods: ["get", "set"] }, "set cannot miss; only get, getMany, touch can"],
    [{ miss: "yes" }, "miss must be true (got a string)"],
    [{ fail: "ok" }, 'code "ok" is no way to fail; use one of cancelled, unknown'],
    [{ fail: { code: 14 } }, "code a number is no way to fail"],
    [{ fail: { message: 5 } }, "message must be a string (got a number)"],
    [{ fail: true }, "a failure must be { code, message } (got a boolean)"],
    [{ ...unavailable, keyPrefix: "\ud800" }, "keyPrefix must be well-formed Unicode"],
    [{ ...unavailable, keyPrefix: 5 }, "keyPrefix must be a string"],
    [{ ...unavailable, times: 0 }, "times must be a whole number above 0"],
    [{ ...unavailable, times: 1.5 }, "(got 1.5)"],
    [{ ...unavailable, skip: 2 ** 32 }, "skip must be a whole number, at most 4294967295"],
    [{ ...unavailable, times: 2 ** 32 }, "times must be a whole number above 0, at most"],
    [{ ...unavailable, skip: -1 }, "skip must be a whole number, at most 4294967295 (got -1)"],
    [{ ...unavailable, probability: 0 }, "probability must be above 0 and at most 1"],
    [{ ...unavailable, probability: 1.01 }, "(got 1.01)"],
    [{ ...unavailable, probability: NaN }, "(got NaN)"],
    [{ ...unavailable, seed: 2 ** 32 }, "seed must be a whole number from 0 to 4294967295"],
    [{ delayMs: 0 }, "delayMs must be above 0 and at most 2147483647 (got 0)"],
    [{ delayMs: Infinity }, "(got Infinity)"],
    [{ ...unavailable, time: 1 }, 'unknown member "time"; the members are methods'],
    [null, "must be an object (got null)"],
  ])("%j is refused as wrong", (rule, problem) => {
    const add = (): unknown => new FaultRules().add(rule as never);
    expect(add).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(add).toThrow(problem);
  });

  test.each([
    [unavailable, { methods: ["get"], delayMs: 1 }],
    [{ ...unavailable, methods: ["get", "getMany", "touch"] }, { miss: true }],
    [
      { ...unavailable, keyPrefix: "a:" },
      { ...unavailable, keyPrefix: "a:b" },
    ],
  ] as readonly [FaultRule, FaultRule][])(
    "%j leaves no call for %j, which is refused",
    (first, second) => {
      const rules = rulesFrom(first);
      expect(() => rules.add(second)).toThrow("because earlier rules (1) apply to every call");
      rules.clear([1]);
      expect(rules.add(second).id).toBe(2);
    },
  );

  test.each([
    [{ ...unavailable, times: 1 }, unavailable],
    [{ ...unavailable, probability: 0.5 }, unavailable],
    [{ ...unavailable, skip: 1 }, unavailable],
    [
      { ...unavailable, keyPrefix: "a" },
      { ...unavailable, keyPrefix: "b" },
    ],
    [
      { ...unavailable, methods: ["get"] },
      { ...unavailable, methods: ["get", "set"] },
    ],
  ] as readonly [FaultRule, FaultRule][])(
    "%j leaves calls for %j, which is accepted",
    (first, second) => {
      expect(rulesFrom(first, second).list()).toHaveLength(2);
    },
  );
});

test("the methods of a fault rule may have any spelling", () => {
  const methods = ["GetMany", "get-many", "SET", "touch"] as never;
  expect([...parseFaultRule({ ...unavailable, methods }).methods]).toEqual([
    "getMany",
    "set",
    "touch",
  ]);
});

test("a fault rule applies to every possible method, every key and every call by default", () => {
  const rule = parseFaultRule({ miss: true }, () => 0.5);
  expect(rule).toEqual({
    methods: new Set(["get", "getMany", "touch"]),
    keyPrefix: "",
    effect: { kind: "miss" },
    skip: 0,
    times: Infinity,
    probability: 1,
    seed: 2 ** 31,
  });
});

test("skip and times of a fault rule count the calls that the rule selects", () => {
  const rules = rulesFrom({ ...unavailable, methods: ["get"], skip: 2, times: 3 });
  expect(rules.apply("set", ["key"])).toBeUndefined();
  expect(decisions(rules, 8)).toEqual([0, 0, 1, 1, 1, 0, 0, 0]);
  expect(rules.list()).toMatchObject([{ selected: 8, applied: 3 }]);
});

test("the first fault rule that applies decides, and the others do not count the call", () => {
  const rules = rulesFrom({ ...unavailable, times: 2 }, { delayMs: 5, times: 1 }, { miss: true });
  expect(decisions(rules, 5)).toEqual([1, 1, 2, 3, 3]);
  expect(rules.list().map(({ selected, applied }) => [selected, applied])).toEqual([
    [5, 2],
    [3, 1],
    [2, 2],
  ]);
});

test("a prefix selects a call when one of its keys begins with it", () => {
  const rules = rulesFrom({ ...unavailable, keyPrefix: "user:" });
  expect(rules.apply("getMany", ["a", "user:1"])?.id).toBe(1);
  expect(rules.apply("getMany", ["a", "a user:1", "USER:1"])).toBeUndefined();
  expect(rules.apply("getMany", [])).toBeUndefined();
  expect(rulesFrom(unavailable).apply("getMany", [])?.id).toBe(1);
});

describe("a fault rule with a probability", () => {
  const calls = (seed: number): number[] =>
    decisions(rulesFrom({ ...unavailable, probability: 0.2, seed }), 10_000);

  test("selects the same calls for the same seed, and others for another", () => {
    expect(calls(7)).toEqual(calls(7));
    expect(calls(7)).not.toEqual(calls(8));
  });

  test.each([0, 1, 7, 4_294_967_295])("selects that share of the calls, with seed %d", (seed) => {
    const applied = calls(seed).filter((id) => id === 1).length;
    // Five standard deviations, which are 40 for 10,000 calls.
    expect(Math.abs(applied - 2_000)).toBeLessThan(200);
  });

  test("of 1 selects every call", () => {
    expect(decisions(rulesFrom({ ...unavailable, probability: 1 }), 100)).toEqual(
      new Array(100).fill(1),
    );
  });

  test("without a seed has a random one, which the list shows", () => {
    const seeds = Array.from(
      { length: 8 },
      () => new FaultRules().add({ ...unavailable, probability: 0.5 }).rule.seed,
    );
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });
});

test("fault rules are cleared by number, or all, and no number is used again", () => {
  const rules = rulesFrom({ ...unavailable, times: 1 }, { delayMs: 1, times: 1 });
  expect(rules.clear([1, 9]).map(({ id }) => id)).toEqual([1]);
  expect(rules.isEmpty).toBe(false);
  expect(rules.add({ miss: true }).id).toBe(3);
  expect(rules.clear().map(({ id }) => id)).toEqual([2, 3]);
  expect(rules.isEmpty).toBe(true);
});
