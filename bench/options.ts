/** A wrong option: what the person reads is the message, not where it was thrown. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * The value of an option that takes a number above 0.
 * @throws UsageError naming option and value, for anything else
 */
export function parsePositive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || value === Infinity) {
    throw new UsageError(`${option} must be a number above 0, got ${text}`);
  }
  return value;
}

/** The same, for numbers with commas between them. */
export function parsePositiveList(option: string, text: string): number[] {
  return text.split(",").map((item) => parsePositive(option, item));
}
