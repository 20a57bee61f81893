import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { CONFORMANCE_CASES } from "./cases/all-cases.js";
import type { ProviderConfig } from "./case-context.js";
import { factsOf, type ConformanceCase } from "./conformance-case.js";
import { ProviderGone } from "./failure.js";
import { forEachAtOnce } from "./for-each-at-once.js";
import { KeySpace } from "./key-space.js";
import { createReport, type CaseResult, type ConformanceReport } from "./report.js";
import { runCase } from "./run-case.js";
import { countNotSelected, selectCases, type ConformanceProfile } from "./select-cases.js";
import type { ConformanceSubject, OpenSubject } from "./subject.js";
import { inProcessSubject, type CreateProvider } from "./subjects/in-process-subject.js";

/** Options of {@link runConformance}. */
export interface ConformanceOptions {
  /** Default `required`. */
  readonly profile?: ConformanceProfile;
  /** Ids, whatever their level, or themes, within the profile; when given, only these cases run. */
  readonly only?: readonly string[] | undefined;
  /** Ids or themes to leave out. */
  readonly skip?: readonly string[] | undefined;
  /**
   * What ConfigureProvider receives. Default: an empty configuration, which a target that already
   * serves its cache does not receive.
   */
  readonly config?: ProviderConfig;
  /**
   * The unit of TTLs in milliseconds, for a provider with a real clock. Default 200.
   * This time and the two below are from 1 to 3,600,000 ms, one hour.
   */
  readonly ttlUnitMs?: number;
  /** The longest time for one call, in milliseconds. Default 5,000. */
  readonly callTimeoutMs?: number;
  /** The longest time until the socket accepts, in ms. Default 10,000, as in the oldest hosts. */
  readonly startTimeoutMs?: number;
  /** Called after each case. */
  readonly onProgress?: (progress: ConformanceProgress) => void;
  /** Ends the run early, with a report. */
  readonly signal?: AbortSignal;
}

/** The progress of a run. */
export interface ConformanceProgress {
  readonly result: CaseResult;
  readonly done: number;
  readonly total: number;
}

/** After so many calls without an answer the provider is taken to hang. */
const MAX_UNANSWERED = 3;

/** How many cases that mostly wait run at once. */
const WAITING_AT_ONCE = 64;

/** How many cases with a process of their own run at once. */
const PROCESSES_AT_ONCE = Math.max(2, Math.min(8, availableParallelism()));

/** How much longer than one call a case may take, in calls and in TTL units. */
const CASE_CALLS = 4;
const CASE_UNITS = 40;

/**
 * The longest of the times that {@link ConformanceOptions} sets: one hour. The deadline
 * of a case is a multiple of them, and must stay within what a timer takes.
 */
export const MAX_WAIT_MS = 3_600_000;

/**
 * Runs the conformance cases against a provider: one in process, given by the
 * function that creates it, or any other {@link ConformanceSubject}. Always ends,
 * with a report, whatever the provider does.
 *
 * @throws RangeError for a case name that does not exist, a selection without cases, and a time
 *   outside its bounds
 */
export async function runConformance(
  subject: ConformanceSubject | CreateProvider,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { profile = "required", only, skip } = options;
  const { description, open } = typeof subject === "function" ? inProcessSubject(subject) : subject;
  const selection = { profile, only, skip };
  const cases = selectCases(CONFORMANCE_CASES, selection);
  const settings = settingsFrom(options);
  const begin = performance.now();
  const run = new Run(cases, settings, options.onProgress);
  const { signal } = settings;
  const abort = (): void => run.stop("the run was interrupted");
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  let opened: OpenSubject | undefined;
  try {
    opened = await open(settings);
    await run.all(opened);
  } catch (error) {
    if (!(error instanceof ProviderGone)) throw error;
    run.stop(error.message);
  } finally {
    signal.removeEventListener("abort", abort);
    await opened?.close();
  }
  return createReport({
    subject: description,
    ...selection,
    notSelected: countNotSelected(CONFORMANCE_CASES, selection),
    results: run.results(),
    problem: run.problem,
    durationMs: Math.round(performance.now() - begin),
  });
}

/**
 * The settings of a run, with defaults for what was left open.
 *
 * @throws RangeError for a time outside its bounds
 */
export function settingsFrom(options: ConformanceOptions): RunSettings {
  const { config = {}, ttlUnitMs = 200, callTimeoutMs = 5000, startTimeoutMs = 10_000 } = options;
  for (const [name, ms] of Object.entries({ ttlUnitMs, callTimeoutMs, startTimeoutMs })) {
    if (ms >= 1 && ms <= MAX_WAIT_MS) continue;
    throw new RangeError(`${name} must be from 1 to ${MAX_WAIT_MS} ms (got ${ms})`);
  }
  const caseTimeoutMs = CASE_CALLS * callTimeoutMs + CASE_UNITS * ttlUnitMs + startTimeoutMs;
  const { signal = new AbortController().signal } = options;
  return {
    config,
    isConfigGiven: options.config !== undefined,
    ttlUnitMs,
    callTimeoutMs,
    startTimeoutMs,
    caseTimeoutMs,
    keys: new KeySpace(),
    signal,
  };
}

/** What does not change during a run. */
export type RunSettings = Parameters<ConformanceSubject["open"]>[0] & {
  readonly caseTimeoutMs: number;
};

class Run {
  problem: string | undefined;
  readonly #cases: readonly ConformanceCase[];
  readonly #settings: RunSettings;
  readonly #onProgress: ConformanceOptions["onProgress"];
  readonly #results = new Map<ConformanceCase, CaseResult>();
  #unanswered = 0;

  constructor(
    cases: readonly ConformanceCase[],
    settings: RunSettings,
    onProgress: ConformanceOptions["onProgress"],
  ) {
    this.#cases = cases;
    this.#settings = settings;
    this.#onProgress = onProgress;
  }

  /** No further case is begun; the first problem is the one that counts. */
  stop(problem: string): void {
    this.problem ??= problem;
  }

  /**
   * Runs the cases: one at a time where a crash must be put down to one of them,
   * side by side where they wait, or have a process of their own.
   */
  async all(subject: OpenSubject): Promise<void> {
    const own = (each: ConformanceCase): boolean =>
      each.needs === "own" || each.needs === "process";
    const waiting = (each: ConformanceCase): boolean => each.waits === true && !subject.exact;
    const run = (each: ConformanceCase): Promise<void> => this.#one(each, subject);
    await forEachAtOnce(
      1,
      this.#cases.filter((each) => !own(each) && !waiting(each)),
      run,
    );
    await Promise.all([
      forEachAtOnce(
        WAITING_AT_ONCE,
        this.#cases.filter((each) => !own(each) && waiting(each)),
        run,
      ),
      forEachAtOnce(subject.exact ? 1 : PROCESSES_AT_ONCE, this.#cases.filter(own), run),
    ]);
  }

  /** The results in the order of the catalogue; cases that were not begun are skipped. */
  results(): readonly CaseResult[] {
    return this.#cases.map((each) => {
      const reason = `not run: ${this.problem ?? "the run ended"}`;
      return (
        this.#results.get(each) ?? {
          outcome: "skipped",
          reason,
          case: factsOf(each),
          durationMs: 0,
        }
      );
    });
  }

  async #one(each: ConformanceCase, subject: OpenSubject): Promise<void> {
    if (this.problem !== undefined) return;
    const { signal } = this.#settings;
    try {
      const { result, unanswered } = await runCase(each, subject, this.#settings);
      // What was interrupted has not failed.
      if (signal.aborted && result.outcome === "failed") return;
      this.#results.set(each, result);
      this.#onProgress?.({ result, done: this.#results.size, total: this.#cases.length });
      if (unanswered && ++this.#unanswered >= MAX_UNANSWERED) {
        this.stop(`the provider did not reply to ${this.#unanswered} calls`);
      }
    } catch (error) {
      if (!(error instanceof ProviderGone)) throw error;
      this.stop(error.message);
    }
  }
}
