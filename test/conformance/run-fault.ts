import { join } from "node:path";
import { expect } from "vitest";
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

type IndependentFault = (typeof INDEPENDENT_FAULTS)[number];

/** The wrong providers that are run as a process. */
export const COMMAND_FAULTS = INDEPENDENT_FAULTS.filter(({ via }) => via === "command");

/** Those that are served in this process. */
export const SOCKET_FAULTS = INDEPENDENT_FAULTS.filter(({ via }) => via === "socket");

/** Promises of gestalt-cache-memory that the independent provider does not make. */
const NOT_PROMISED = [
  "bounds/too-large-refused",
  "set-many/failure-names-entry",
  "set-many/failure-keeps-earlier",
];

const AT_ONCE = CONFORMANCE_CASES.filter(({ waits }) => !waits)
  .map(({ id }) => id)
  .filter((id) => !NOT_PROMISED.includes(id));

/** What failed in a run that came to its end. */
function failedCases({ results, problem }: ConformanceReport): readonly string[] {
  expect(problem).toBe(undefined);
  return results.flatMap((each) => (each.outcome === "failed" ? [each.case.id] : [])).toSorted();
}

/**
 * Runs cases that wait for nothing against the independent provider, served in this process,
 * with this change.
 *
 * @param isWanted - which of the cases, by id
 */
export async function failuresOverSocket(
  apply: IndependentFault["apply"],
  isWanted: (id: string) => boolean,
): Promise<readonly string[]> {
  const parts = createParts();
  apply(parts);
  const server = createServer(parts);
  const path = tempSocketPath();
  await bind(server, `unix:${path}`);
  try {
    const only = AT_ONCE.filter(isWanted);
    const subject = targetSubject({ kind: "unix", path });
    // With a configuration, the kit also configures a provider that is in use.
    return failedCases(await runConformance(subject, { only, config: {} }));
  } finally {
    server.forceShutdown();
  }
}

/** The cases that must fail. */
export function mustFail({ fails, failsAtLeast }: IndependentFault): readonly string[] {
  return fails ?? failsAtLeast;
}

/** What a case is about: the first part of its id. */
export function themeOf(id: string): string {
  return id.split("/", 1)[0] ?? id;
}

/** The cases of the themes that a fault is about. */
export function casesOfThemes({ themes = [] }: IndependentFault): readonly string[] {
  return CONFORMANCE_CASES.map(({ id }) => id).filter((id) =>
    themes.some((theme) => id.startsWith(`${theme}/`)),
  );
}

/** Runs these cases against the independent provider, as a process with this fault. */
export async function failuresAsProcess(
  { fault }: IndependentFault,
  only: readonly string[],
): Promise<readonly string[]> {
  const subject = commandSubject({
    command: process.execPath,
    args: [join(import.meta.dirname, "independent-provider.mjs")],
    env: { FAULT: fault },
  });
  // Some never listen where they should.
  return failedCases(await runConformance(subject, { only, startTimeoutMs: 5000 }));
}

/** Holds what failed against what a fault says. */
export function expectFailures(
  failed: readonly string[],
  { fails, failsAtLeast }: IndependentFault,
): void {
  if (fails) expect(failed).toEqual(fails.toSorted());
  else expect(failed).toEqual(expect.arrayContaining([...failsAtLeast]));
}
