import { performance } from "node:perf_hooks";
import { ByteBudget } from "./byte-budget.js";
import { CallWatch } from "./call-watch.js";
import type { Traffic } from "./dispatch.js";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server-limits.js";

/** What {@link createTraffic} starts from. */
export interface TrafficOptions {
  /** Bounds that differ from {@link DEFAULT_SERVER_LIMITS}. */
  readonly limits?: Partial<ServerLimits>;
  /** Takes errors that no client can be told; default: one entry on stderr. */
  readonly report?: (error: unknown, where: string) => void;
}

/** The accounts that calls share: of one server, or of all servers of a process. */
export function createTraffic({ limits: given, report }: TrafficOptions): Traffic {
  const limits = { ...DEFAULT_SERVER_LIMITS, ...given };
  return {
    limits,
    report: report ?? reportToStderr,
    budget: new ByteBudget(limits.maxBytesInFlight, limits.smallReplyReserveBytes),
    calls: new CallWatch(limits.maxCalls, () => performance.now()),
  };
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
