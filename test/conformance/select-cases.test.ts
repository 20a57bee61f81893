import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { countNotSelected, selectCases } from "../../src/conformance/select-cases.js";

function idsOf(selection: Parameters<typeof selectCases>[1]): readonly string[] {
  return selectCases(CONFORMANCE_CASES, selection).map(({ id }) => id);
}

test.each([
  ["required", ["required"]],
  ["recommended", ["required", "recommended"]],
  ["strict", ["required", "recommended", "ours"]],
] as const)("the profile %s covers %j", (profile, levels) => {
  const selected = selectCases(CONFORMANCE_CASES, { profile });
  expect([...new Set(selected.map(({ level }) => level))].toSorted()).toEqual(levels.toSorted());
});

test("the option only selects themes within the profile, and ids of any level", () => {
  expect(idsOf({ profile: "required", only: ["bounds/max-bytes", "connection"] })).toEqual([
    "bounds/max-bytes",
    "connection/escaped-path-authority",
    "connection/abandoned-calls",
    "connection/several-at-once",
  ]);
  expect(idsOf({ profile: "recommended", only: ["connection"] })).toContain(
    "connection/any-authority",
  );
});

test("the option skip leaves out themes and ids, also those that only selected", () => {
  const selection = { only: ["connection", "get"], skip: ["connection", "get/reads-again"] };
  expect(idsOf({ profile: "required", ...selection })).toEqual([
    "get/finds-exact-copy",
    "get/missing-is-an-answer",
    "get/does-not-extend-ttl",
  ]);
});

test.each([{ only: ["gett"] }, { skip: ["get/"] }, { only: ["get/nothing"] }])(
  "a name that no case has is refused: %j",
  (selection) => {
    expect(() => idsOf({ profile: "required", ...selection })).toThrow(
      /no conformance case is named/,
    );
  },
);

test.each([
  [
    { profile: "required", only: ["bounds"] },
    "no conformance case is selected (profile required, only bounds); use the profile recommended",
  ],
  [
    { profile: "strict", only: ["ttl", "get"], skip: ["ttl", "get"] },
    "no conformance case is selected (profile strict, only ttl,get, skip ttl,get); name more cases or skip fewer",
  ],
  [
    { profile: "strict", only: [] },
    "no conformance case is selected (profile strict, only nothing); name more cases or skip fewer",
  ],
] as const)("a selection without cases is refused: %j", (selection, message) => {
  expect(() => idsOf(selection)).toThrow(message);
});

test("the cases of a profile that a selection leaves out are counted", () => {
  const count = (selection: Parameters<typeof selectCases>[1]): number =>
    countNotSelected(CONFORMANCE_CASES, selection);
  const total = idsOf({ profile: "required" }).length;
  expect(count({ profile: "required" })).toBe(0);
  expect(count({ profile: "required", only: ["get/reads-again", "bounds/max-bytes"] })).toBe(
    total - 1,
  );
  expect(count({ profile: "required", skip: ["bounds", "get/reads-again"] })).toBe(1);
});
