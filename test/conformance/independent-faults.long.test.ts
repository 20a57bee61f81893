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

describe("over the socket, put to every case that waits for nothing, a provider that", () => {
  test.each(SOCKET_FAULTS)("$fault", async (fault) => {
    // The cases about large values take most of the time.
    const isLarge = mustFail(fault).some((id) => themeOf(id) === "bounds");
    const isWanted = (id: string): boolean => isLarge || themeOf(id) !== "bounds";
    expectFailures(await failuresOverSocket(fault.apply, isWanted), fault);
  });
});

describe("as a process, put to every case of its themes, a provider that", () => {
  test.concurrent.each(COMMAND_FAULTS)(
    "$fault",
    async (fault) => {
      expectFailures(await failuresAsProcess(fault, casesOfThemes(fault)), fault);
    },
    120_000,
  );
});
