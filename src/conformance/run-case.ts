import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { CallFailed, NoAnswer } from "./cache-under-test.js";
import { factsOf, type ConformanceCase } from "./conformance-case.js";
import { CaseSkipped, ConformanceFailure, ProviderGone, TooSlowToTell } from "./failure.js";
import type { KeySpace } from "./key-space.js";
import type { CaseOutcome, CaseResult } from "./report.js";
import {
  NEED_REASONS,
  type CaseWorkspace,
  type ContextSource,
  type OpenSubject,
} from "./subject.js";
import { Transcript } from "./transcript.js";

/** How often a case is tried whose answers come too late, each time with TTLs twice as long. */
const MAX_TRIES = 4;

/** How long undoing one thing after a case may take. */
const UNDO_TIMEOUT_MS = 5_000;

/** What the runner learns of a case besides its result. */
export interface CaseRun {
  readonly result: CaseResult;
  /** True when a call, or the whole case, was left without an answer. */
  readonly unanswered: boolean;
}

/** What all cases of a run have in common. */
export interface CaseSettings {
  readonly keys: KeySpace;
  /** After so long a case has failed. */
  readonly caseTimeoutMs: number;
  /** Ends a case early, as a failure. */
  readonly signal: AbortSignal;
}

/**
 * Runs one case to its result, whatever the provider does.
 *
 * @throws ProviderGone when there is nothing left to test
 */
export async function runCase(
  each: ConformanceCase,
  subject: OpenSubject,
  settings: CaseSettings,
): Promise<CaseRun> {
  const begin = performance.now();
  const { needs } = each;
  const end = (outcome: CaseOutcome, unanswered = false): CaseRun => {
    const durationMs = Math.round(performance.now() - begin);
    return { result: { ...outcome, case: factsOf(each), durationMs }, unanswered };
  };
  const source = subject.offers[needs] as ContextSource<typeof needs> | undefined;
  if (source === undefined) return end({ outcome: "skipped", reason: NEED_REASONS[needs] });
  for (let attempt = 1; ; attempt++) {
    const transcript = new Transcript();
    try {
      await tryCase(each, source, { transcript, stretch: 2 ** (attempt - 1) }, settings);
      return end({ outcome: "passed" });
    } catch (error) {
      if (error instanceof ProviderGone) throw error;
      if (error instanceof CaseSkipped) return end({ outcome: "skipped", reason: error.message });
      if (error instanceof TooSlowToTell && attempt < MAX_TRIES) continue;
      const { expected, received } = judgementOf(error);
      const diagnosis = await subject.diagnose?.();
      return end(
        {
          outcome: "failed",
          sent: transcript.lines(),
          expected,
          received: diagnosis === undefined ? received : `${received}; ${diagnosis}`,
        },
        error instanceof NoAnswer && error.timedOut,
      );
    }
  }
}

async function tryCase(
  each: ConformanceCase,
  source: ContextSource<typeof each.needs>,
  parts: Pick<CaseWorkspace, "transcript" | "stretch">,
  { keys, caseTimeoutMs, signal }: CaseSettings,
): Promise<void> {
  const controller = new AbortController();
  const undos: (() => unknown)[] = [];
  const workspace: CaseWorkspace = {
    ...parts,
    keys,
    signal: controller.signal,
    defer: (undo) => void undos.push(undo),
  };
  const judge = async (): Promise<void> => {
    // A case and the context for its need are of one kind; the compiler cannot follow.
    const run = each.run as (context: unknown) => Promise<void>;
    await run(await source(workspace));
  };
  try {
    await withinTime(judge(), caseTimeoutMs * parts.stretch, signal);
  } finally {
    controller.abort();
    for (const undo of undos.toReversed()) await settled(undo);
  }
}

async function withinTime(
  judging: Promise<void>,
  timeoutMs: number,
  interrupt: AbortSignal,
): Promise<void> {
  const stopWaiting = new AbortController();
  const signal = AbortSignal.any([stopWaiting.signal, interrupt]);
  const timeout = sleep(timeoutMs, undefined, { signal }).then(() => {
    throw new NoAnswer(`the case did not end within ${timeoutMs} ms`, { timedOut: true });
  });
  try {
    await Promise.race([judging, timeout]);
  } finally {
    stopWaiting.abort();
    timeout.catch(() => undefined);
    judging.catch(() => undefined);
  }
}

/** Undoes something; whether that works says nothing about the case. */
async function settled(undo: () => unknown): Promise<void> {
  const stopWaiting = new AbortController();
  const timeout = sleep(UNDO_TIMEOUT_MS, undefined, { signal: stopWaiting.signal });
  timeout.catch(() => undefined);
  try {
    await Promise.race([undo(), timeout]);
  } catch {
    // Nothing depends on it.
  } finally {
    stopWaiting.abort();
  }
}

function judgementOf(error: unknown): { readonly expected: string; readonly received: string } {
  if (error instanceof ConformanceFailure) return error;
  if (error instanceof CallFailed) return { expected: "OK", received: error.message };
  if (error instanceof NoAnswer) return { expected: "a reply", received: error.message };
  if (error instanceof TooSlowToTell) {
    const expected = error.message;
    return { expected, received: "later replies, in every attempt; use a longer TTL unit" };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { expected: "a case that completes", received: detail };
}
