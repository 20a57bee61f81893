import { describe, expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../src/conformance/index.js";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import { OBJECT_FAULTS } from "./object-faults.js";

const ids = CONFORMANCE_CASES.map(({ id }) => id);
const faults = [...OBJECT_FAULTS, ...INDEPENDENT_FAULTS];
const caught = faults.flatMap(({ fails, failsAtLeast }) => fails ?? failsAtLeast);

describe("the cases", () => {
  test("have unique ids of a theme and a few words", () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test("are grouped by theme", () => {
    const themes = ids.map((id) => id.split("/")[0]);
    const runs = themes.filter((theme, index) => theme !== themes[index - 1]);
    expect(runs).toEqual([...new Set(themes)]);
  });

  test.each(CONFORMANCE_CASES)(
    "$id is one sentence with a reason",
    ({ title, reason, section }) => {
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(title).not.toMatch(/\. [A-Z]/);
      expect(reason).toMatch(/^[A-Z].*\.$/);
      expect(section).toMatch(/^(3(\.\d+)?|4|6)$/);
    },
  );
});

describe("the deliberately wrong providers", () => {
  test("are at least 25, each with another fault", () => {
    expect(faults.length).toBeGreaterThanOrEqual(25);
    expect(new Set(faults.map(({ fault }) => fault)).size).toBe(faults.length);
  });

  test("include a fault for each case", () => {
    expect(ids.filter((id) => !caught.includes(id))).toEqual([]);
  });

  test("name cases that exist", () => {
    expect(caught.filter((id) => !ids.includes(id))).toEqual([]);
  });
});
