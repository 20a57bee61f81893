import { CacheError } from "../../contract/cache-error.js";
import { nearestName } from "../../contract/nearest-name.js";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server-limits.js";

/** Earlier names of limits, each with its present name. */
const RENAMED: Readonly<Record<string, keyof ServerLimits>> = {
  muteMs: "handshakeTimeoutMs",
  idleMs: "maxConnectionIdleMs",
  quietMs: "keepaliveIntervalMs",
  signOfLifeMs: "keepaliveTimeoutMs",
  connectionReplyBytes: "maxUnreadReplyBytes",
  maxCalls: "maxConcurrentCalls",
  stalledMs: "readStallTimeoutMs",
  untakenMs: "writeStallTimeoutMs",
  sweepMs: "sweepIntervalMs",
  drainMs: "drainTimeoutMs",
};

/**
 * Checks limits and adds the default of each limit that is absent or undefined.
 *
 * @throws CacheError `invalid_argument` for an unknown name, for an earlier name of a limit,
 *   and for a value that is not a number of at least 0 (Infinity is one)
 */
export function parseServerLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  const entries: [name: string, value: unknown][] = Object.entries(given);
  const limits = entries.filter(([, value]) => value !== undefined);
  for (const [name, value] of limits) {
    if (!Object.hasOwn(DEFAULT_SERVER_LIMITS, name)) throw refusal(explainUnknown(name));
    if (typeof value !== "number" || Number.isNaN(value) || value < 0) {
      throw refusal(`${name} must be a number >= 0 (got ${String(value)})`);
    }
  }
  return { ...DEFAULT_SERVER_LIMITS, ...(Object.fromEntries(limits) as Partial<ServerLimits>) };
}

function explainUnknown(name: string): string {
  const shown = JSON.stringify(name.slice(0, 64));
  if (Object.hasOwn(RENAMED, name)) return `${shown} is now called ${RENAMED[name]}`;
  const known = Object.keys(DEFAULT_SERVER_LIMITS);
  const nearest = nearestName(name, known);
  const wayOut =
    nearest === undefined ? `the limits are ${known.join(", ")}` : `did you mean ${nearest}?`;
  return `${shown} is not a limit; ${wayOut}`;
}

function refusal(problem: string): CacheError {
  return new CacheError("invalid_argument", `limits: ${problem}`);
}
