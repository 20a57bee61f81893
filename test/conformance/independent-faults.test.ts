import { describe, expect, test } from "vitest";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import {
  COMMAND_FAULTS,
  expectFailures,
  failuresAsProcess,
  failuresOverSocket,
} from "./run-fault.js";

test("the provider that the wrong ones are made of keeps these promises", async () => {
  expect(await failuresOverSocket(() => undefined)).toEqual([]);
});

describe("over the socket, a provider that", () => {
  const faults = INDEPENDENT_FAULTS.filter(({ via }) => via === "socket");
  test.each(faults)("$fault", async (fault) => {
    const large = fault.fails?.some((id) => id.startsWith("bounds/")) ?? true;
    expectFailures(await failuresOverSocket(fault.apply, large), fault);
  });
});

/**
 * Put to the cases that must fail alone: every case starts a process. That no other
 * case fails is in process-faults.long.test.ts.
 */
describe("as a process, a provider that", () => {
  test.concurrent.each(COMMAND_FAULTS)(
    "$fault",
    async (fault) => {
      const must = fault.fails ?? fault.failsAtLeast;
      expectFailures(await failuresAsProcess(fault, must), fault);
    },
    60_000,
  );
});
