import { InvalidArgumentError } from "commander";

/**
 * Reads a flag with a count: a whole number in decimal digits, from 1 to 2^53 - 1.
 *
 * @throws InvalidArgumentError with these bounds for any other text
 */
export function parseCountFlag(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError(`Use a whole number above 0, at most ${Number.MAX_SAFE_INTEGER}.`);
}
