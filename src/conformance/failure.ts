/** A case that found the provider at fault: what the rule wants, and what came. */
export class ConformanceFailure extends Error {
  override readonly name = "ConformanceFailure";

  constructor(
    readonly expected: string,
    readonly received: string,
  ) {
    super(`expected ${expected}, received ${received}`);
  }
}

/** Thrown by a case that cannot judge here, with the reason that the report shows. */
export class CaseSkipped extends Error {
  override readonly name = "CaseSkipped";
}

/**
 * Thrown when an answer came so late that it says nothing: a TTL may rightly
 * have ended by then. The runner tries such a case again with longer TTLs.
 */
export class TooSlowToTell extends Error {
  override readonly name = "TooSlowToTell";
}

/** Thrown when there is no provider to test any more; ends the run with a report. */
export class ProviderGone extends Error {
  override readonly name = "ProviderGone";
}
