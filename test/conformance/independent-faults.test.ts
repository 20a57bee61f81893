import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  commandSubject,
  CONFORMANCE_CASES,
  runConformance,
  targetSubject,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { tempSocketPath } from "../support/temp-directory.js";
import { INDEPENDENT_FAULTS } from "./independent-faults.mjs";
import { bind, createParts, createServer } from "./independent-provider.mjs";

/** Promises of gestalt-cache-memory that this provider does not make. */
const NOT_PROMISED = [
  "bounds/too-large-refused",
  "set-many/failure-names-entry",
  "set-many/failure-keeps-earlier",
];

const AT_ONCE = CONFORMANCE_CASES.filter(({ waits }) => !waits)
  .map(({ id }) => id)
  .filter((id) => !NOT_PROMISED.includes(id));

function failedCases({ results, problem }: ConformanceReport): readonly string[] {
  expect(problem).toBe(undefined);
  return results.flatMap((each) => (each.outcome === "failed" ? [each.case.id] : [])).toSorted();
}

/** Everything that waits for nothing; the large values only for faults that are about them. */
function socketCases(fails: readonly string[] | undefined): readonly string[] {
  const large = fails?.some((id) => id.startsWith("bounds/")) ?? true;
  return large ? AT_ONCE : AT_ONCE.filter((id) => !id.startsWith("bounds/"));
}

async function runAgainstSocket(
  apply: (parts: ReturnType<typeof createParts>) => void,
  fails?: readonly string[],
): Promise<ConformanceReport> {
  const parts = createParts();
  apply(parts);
  const server = createServer(parts);
  const path = tempSocketPath();
  await bind(server, `unix:${path}`);
  try {
    return await runConformance(targetSubject({ kind: "unix", path }), {
      only: socketCases(fails),
    });
  } finally {
    server.forceShutdown();
  }
}

/** How many cases a process is put to beside those that must fail. */
const OTHERS = 1;

/**
 * The cases that a process is put to: those that must fail, and one that must not,
 * another for each fault, since every case starts a process. With
 * CONFORMANCE_EVERY_CASE set: all of the themes.
 */
function casesFor(themes: readonly string[], fails: readonly string[], index: number): string[] {
  const all = CONFORMANCE_CASES.map(({ id }) => id).filter((id) =>
    themes.some((theme) => id.startsWith(`${theme}/`)),
  );
  if (process.env["CONFORMANCE_EVERY_CASE"]) return all;
  const others = Array.from(
    { length: OTHERS },
    (_, each) => all[(index * OTHERS + each) % all.length],
  );
  return all.filter((id) => fails.includes(id) || others.includes(id));
}

function runAgainstCommand(fault: string, only: readonly string[]): Promise<ConformanceReport> {
  const subject = commandSubject({
    command: process.execPath,
    args: [join(import.meta.dirname, "independent-provider.mjs")],
    env: { FAULT: fault },
  });
  // Some never listen where they should.
  return runConformance(subject, { only, startTimeoutMs: 5000 });
}

test("the provider that the wrong ones are made of keeps these promises", async () => {
  expect(failedCases(await runAgainstSocket(() => undefined))).toEqual([]);
});

describe("over the socket, a provider that", () => {
  const faults = INDEPENDENT_FAULTS.filter(({ via }) => via === "socket");
  test.each(faults)("$fault", async ({ apply, fails }) => {
    expect(failedCases(await runAgainstSocket(apply, fails))).toEqual(fails?.toSorted());
  });
});

describe("as a process, a provider that", () => {
  const faults = INDEPENDENT_FAULTS.filter(({ via }) => via === "command");
  test.concurrent.each(faults)(
    "$fault",
    async ({ fault, themes = [], fails, failsAtLeast }) => {
      const index = faults.findIndex((each) => each.fault === fault);
      const only = casesFor(themes, fails ?? failsAtLeast, index);
      const failed = failedCases(await runAgainstCommand(fault, only));
      if (fails) expect(failed).toEqual(fails.toSorted());
      else expect(failed).toEqual(expect.arrayContaining([...failsAtLeast]));
    },
    60_000,
  );
});
