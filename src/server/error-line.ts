import { escapeControls } from "../contract/printable-text.js";

/** The stack frames that a line shows: enough to find the place. */
const STACK_FRAMES = 3;
const MAX_LINE_LENGTH = 2_000;

/**
 * Returns an unexpected error as one line for a log: where it happened, its name and message,
 * and the first frames of its stack. Control characters are escaped, since the host mixes the
 * output of several processes line by line. The line is for the operator of the process;
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
    // The properties of an error may be anything: a list as the stack, a message that throws.
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
