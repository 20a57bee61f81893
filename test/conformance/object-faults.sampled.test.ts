import { describe, expect, test } from "vitest";
import { runConformance } from "../../src/conformance/index.js";
import { isFullSize } from "../support/sample.js";
import { OBJECT_FAULTS } from "./object-faults.js";
import { ReferenceProvider } from "./reference-provider.js";

test("the provider from which the wrong ones are derived passes every case in process", async () => {
  const report = await runConformance((clock) => new ReferenceProvider(clock), {
    profile: "strict",
  });
  expect(report.results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
});

// In npm test they are put to the cases that must fail alone.
describe("in process, the kit fails a provider that", () => {
  test.each(OBJECT_FAULTS)("$fault", async ({ provider: Provider, fails, failsAtLeast }) => {
    const { results, problem } = await runConformance((clock) => new Provider(clock), {
      profile: "strict",
      ...(isFullSize ? {} : { only: fails ?? failsAtLeast }),
    });
    expect(problem).toBe(undefined);
    const failed = results.flatMap((each) => (each.outcome === "failed" ? [each.case.id] : []));
    if (fails) expect(failed.toSorted()).toEqual(fails.toSorted());
    else expect(failed).toEqual(expect.arrayContaining([...failsAtLeast]));
  });
});
