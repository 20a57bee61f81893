import { describe, expect, test } from "vitest";
import {
  COMMAND_FAULTS,
  expectFailures,
  failuresAsProcess,
  failuresOverSocket,
  mustFail,
  SOCKET_FAULTS,
} from "./run-fault.js";

test("the provider from which the wrong ones are derived passes every case over the socket", async () => {
  expect(
    await failuresOverSocket(
      () => undefined,
      () => true,
    ),
  ).toEqual([]);
});

/**
 * Put to the cases that must fail alone. That no other case fails is in
 * independent-faults.long.test.ts.
 */
describe("over the socket, the kit fails a provider that", () => {
  test.each(SOCKET_FAULTS)("$fault", async (fault) => {
    const must = mustFail(fault);
    expectFailures(await failuresOverSocket(fault.apply, (id) => must.includes(id)), fault);
  });
});

/** Likewise, and every second one of them: every case starts a process. */
describe("as a process, the kit fails a provider that", () => {
  test.concurrent.each(COMMAND_FAULTS.filter((_, index) => index % 2 === 0))(
    "$fault",
    async (fault) => {
      expectFailures(await failuresAsProcess(fault, mustFail(fault)), fault);
    },
    60_000,
  );
});
