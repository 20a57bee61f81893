import { describe, test } from "vitest";
import {
  casesOfThemes,
  COMMAND_FAULTS,
  expectFailures,
  failuresAsProcess,
  failuresOverSocket,
  mustFail,
  SOCKET_FAULTS,
  themeOf,
} from "./run-fault.js";

describe("over the socket, only the expected cases without a wait fail for a provider that", () => {
  test.each(SOCKET_FAULTS)("$fault", async (fault) => {
    // The cases about large values take most of the time.
    const isLarge = mustFail(fault).some((id) => themeOf(id) === "bounds");
    const isWanted = (id: string): boolean => isLarge || themeOf(id) !== "bounds";
    expectFailures(await failuresOverSocket(fault.apply, isWanted), fault);
  });
});

describe("as a process, only the expected cases of the fault's themes fail for a provider that", () => {
  test.concurrent.each(COMMAND_FAULTS)(
    "$fault",
    async (fault) => {
      expectFailures(await failuresAsProcess(fault, casesOfThemes(fault)), fault);
    },
    120_000,
  );
});
