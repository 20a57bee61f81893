import { describe, test } from "vitest";
import { casesOfThemes, COMMAND_FAULTS, expectFailures, failuresAsProcess } from "./run-fault.js";

describe("put to every case of its themes, a provider that", () => {
  test.concurrent.each(COMMAND_FAULTS)(
    "$fault",
    async (fault) => {
      expectFailures(await failuresAsProcess(fault, casesOfThemes(fault)), fault);
    },
    120_000,
  );
});
