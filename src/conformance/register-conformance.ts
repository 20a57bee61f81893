import { CONFORMANCE_CASES } from "./cases/all-cases.js";
import type { ConformanceCase } from "./conformance-case.js";
import { runCase } from "./run-case.js";
import { settingsFrom, type ConformanceOptions } from "./run-conformance.js";
import { describeSelection, selectCases, themeOf } from "./select-cases.js";
import type { OpenSubject } from "./subject.js";
import {
  inProcessSubject,
  type CreateProvider,
  type InProcessOptions,
} from "./subjects/in-process-subject.js";

/** `describe` of vitest, node:test, jest, bun:test, mocha and others. */
export type DescribeFunction = (name: string, define: () => void) => unknown;

/** `it` of vitest, node:test, jest, bun:test, mocha and others. */
export type ItFunction = (name: string, run: () => Promise<void>) => unknown;

/** Below the five seconds that test runners allow a test, so that the kit's message is shown. */
const CALL_TIMEOUT_MS = 4000;

/**
 * Defines one test for each case that runs against a provider in process, with one `describe`
 * for each theme. The error of a failed test has the calls, the expected and the received result.
 *
 * ```ts
 * registerConformance(describe, it, (clock) => createMyProvider({ clock }));
 * ```
 *
 * @throws RangeError for a case name that does not exist, and for a selection without a case
 *   that runs in process
 */
export function registerConformance(
  describe: DescribeFunction,
  it: ItFunction,
  createProvider: CreateProvider,
  options: Omit<ConformanceOptions, "onProgress" | "signal"> & InProcessOptions = {},
): void {
  const subject = inProcessSubject(createProvider, options);
  const { profile = "required", only, skip } = options;
  const selection = { profile, only, skip };
  const cases = selectCases(CONFORMANCE_CASES, selection).filter(isInProcess);
  if (cases.length === 0) {
    throw new RangeError(
      `no selected case runs in process (${describeSelection(selection)}); test the command instead`,
    );
  }
  const settings = settingsFrom({ callTimeoutMs: CALL_TIMEOUT_MS, ...options });
  let opening: Promise<OpenSubject> | undefined;
  const open = (): Promise<OpenSubject> => (opening ??= subject.open(settings));
  for (const [theme, group] of casesByTheme(cases)) {
    describe(theme, () => {
      for (const each of group) {
        it(`${each.id}: ${each.title}`, async () => {
          const { result } = await runCase(each, await open(), settings);
          if (result.outcome !== "failed") return;
          const { sent, expected, received } = result;
          const calls = sent.map((line) => `\n  ${line}`).join("");
          throw new Error(`expected ${expected}, received ${received}; sent:${calls}`);
        });
      }
    });
  }
}

/** Cases of other needs would only ever be skipped. */
function isInProcess({ needs }: ConformanceCase): boolean {
  return needs === "cache" || needs === "object" || needs === "own";
}

function casesByTheme(cases: readonly ConformanceCase[]): Map<string, ConformanceCase[]> {
  const groups = new Map<string, ConformanceCase[]>();
  for (const each of cases) {
    const group = groups.get(themeOf(each));
    if (group) group.push(each);
    else groups.set(themeOf(each), [each]);
  }
  return groups;
}
