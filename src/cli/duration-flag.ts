import { InvalidArgumentError } from "commander";
import { formatDurationMs, parseDurationMs } from "./duration-text.js";

/** The longest delay of a timer, almost 25 days; Node turns a longer one into 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a duration flag takes. The bounds are inclusive, in milliseconds. */
export interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
  /** A usual value, for the error about another form. */
  readonly example: string;
}

/**
 * Makes the parser of a flag that takes a length of time, in the forms of
 * {@link parseDurationMs}. It returns whole milliseconds, and throws
 * InvalidArgumentError for other forms and for values outside the bounds.
 */
export function durationParser({ minMs, maxMs, example }: DurationRange): (text: string) => number {
  return (text) => {
    const ms = parseDurationMs(text);
    if (ms === undefined) {
      throw new InvalidArgumentError(`Use a time such as ${example} or 500ms.`);
    }
    if (ms >= minMs && ms <= maxMs) return ms;
    const range = `${formatDurationMs(minMs)} to ${formatDurationMs(maxMs)}`;
    throw new InvalidArgumentError(`Use a time from ${range}.`);
  };
}
