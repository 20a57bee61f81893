import { performance } from "node:perf_hooks";
import { ByteBudget } from "./byte-budget.js";
import { CallRegistry } from "./call-registry.js";
import type { ServerContext } from "./dispatch.js";
import { parseServerLimits } from "./parse-server-limits.js";
import type { ServerLimits } from "./server-limits.js";

/** What {@link createServerContext} starts from. */
export interface ServerContextOptions {
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<ServerLimits>;
  /** Takes errors that no client can be told; default: one entry on stderr. */
  readonly report?: (error: unknown, where: string) => void;
}

/**
 * Creates what the calls of one server share.
 * @throws CacheError `invalid_argument` for wrong limits, see {@link parseServerLimits}
 */
export function createServerContext({
  limits: given,
  report,
}: ServerContextOptions): ServerContext {
  const limits = parseServerLimits(given);
  return {
    limits,
    report: report ?? reportToStderr,
    budget: new ByteBudget(limits.maxBytesInFlight, limits.smallReplyReserveBytes),
    calls: new CallRegistry(limits.maxConcurrentCalls, () => performance.now()),
  };
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
