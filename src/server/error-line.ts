import { escapeControls } from "../contract/printable-text.js";

/** Enough to find the place; a log line is no place for a whole stack. */
const STACK_FRAMES = 3;
const MAX_LINE_LENGTH = 2_000;

/**
 * An unexpected error as one line for a log: what it is and the first places of
 * its stack. Line breaks and other control characters are escaped, since the host mixes the
 * output of several processes line by line. For people who operate the process;
 * callers never see it.
 */
export function errorLine(error: unknown, where: string): string {
  const line = escapeControls(`${where}: ${describe(error)}`);
  return line.length <= MAX_LINE_LENGTH ? line : `${line.slice(0, MAX_LINE_LENGTH)}…`;
}

function describe(error: unknown): string {
  try {
    return describeError(error);
  } catch {
    // Its properties may be anything: a stack that is a list, a message that throws.
    return "an error that cannot be shown";
  }
}

function describeError(error: unknown): string {
  if (error instanceof Error) {
    const frames = (error.stack ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith("at "))
      .slice(0, STACK_FRAMES);
    return [`${error.name}: ${error.message}`, ...frames].join(" ");
  }
  return typeof error === "string" ? error : `a thrown ${typeof error}`;
}
