/** A wrong option. Only its message is printed, without a stack trace. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the value of an option that is a number above 0.
 * @throws UsageError naming option and value, for anything else
 */
export function parsePositive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || value === Infinity) {
    throw new UsageError(`${option} must be a number above 0, got ${text}`);
  }
  return value;
}

/** Reads the value of an option that is a comma-separated list of such numbers. */
export function parsePositiveList(option: string, text: string): number[] {
  return text.split(",").map((item) => parsePositive(option, item));
}
