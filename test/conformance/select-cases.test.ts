import { expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { selectCases } from "../../src/conformance/select-cases.js";

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
