import { InvalidArgumentError } from "commander";
import { MAX_TTL_MS, NEVER_EXPIRES } from "../../contract/ttl.js";
import { parseDurationMs } from "../duration-text.js";

/** The forms of `--ttl`, for help texts and errors. */
export const TTL_FORMS = "90s, 5m, 1h30m, 250ms, 2d, or never";

/**
 * Reads `--ttl`.
 *
 * @returns milliseconds; 0 for `never`
 * @throws InvalidArgumentError for any other text, and for a zero duration, which would mean
 *   `never`
 */
export function parseTtlFlag(text: string): number {
  if (text === "never") return NEVER_EXPIRES;
  const ttlMs = parseDurationMs(text);
  if (ttlMs === undefined || ttlMs === 0) throw new InvalidArgumentError(`Use ${TTL_FORMS}.`);
  if (ttlMs > MAX_TTL_MS) throw new InvalidArgumentError("Use at most 10,000 years, or never.");
  return ttlMs;
}
