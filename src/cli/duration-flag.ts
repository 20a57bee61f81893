import { InvalidArgumentError } from "commander";
import { formatDurationMs, parseDurationMs } from "./duration-text.js";

/** The longest delay of a timer, almost 25 days. Node turns a longer one into 1 ms. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The range of a duration flag. The bounds are inclusive, in milliseconds. */
export interface DurationRange {
  readonly minMs: number;
  readonly maxMs: number;
  /** A typical value, for the error message. */
  readonly example: string;
}

/**
 * Creates the parser of a duration flag. It reads the forms of {@link parseDurationMs}, returns
 * whole milliseconds, and throws InvalidArgumentError for other forms and for durations out of
 * range.
 */
export function durationParser({ minMs, maxMs, example }: DurationRange): (text: string) => number {
  return (text) => {
    const ms = parseDurationMs(text);
    if (ms === undefined) {
      throw new InvalidArgumentError(`Use a duration such as ${example} or 500ms.`);
    }
    if (ms >= minMs && ms <= maxMs) return ms;
    const range = `${formatDurationMs(minMs)} to ${formatDurationMs(maxMs)}`;
    throw new InvalidArgumentError(`Use a duration from ${range}.`);
  };
}
