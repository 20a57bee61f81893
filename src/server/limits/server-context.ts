import { performance } from "node:perf_hooks";
import { ByteBudget } from "./byte-budget.js";
import { CallRegistry } from "./call-registry.js";
import { ConnectionRegistry } from "./connection-registry.js";
import { parseServerLimits } from "./parse-server-limits.js";
import type { ServerLimits } from "./server-limits.js";

/** What all calls of one server share. */
export interface ServerContext {
  readonly limits: ServerLimits;
  /** The bytes of requests that are being read and of replies that are not yet read. */
  readonly budget: ByteBudget;
  /** The open calls. */
  readonly calls: CallRegistry;
  /** The open connections. */
  readonly connections: ConnectionRegistry;
  /** Called with each error that cannot be sent to a client, and where it happened. */
  readonly report: (error: unknown, where: string) => void;
}

/** Options of {@link createServerContext}. */
export interface ServerContextOptions {
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<ServerLimits>;
  /** Called with errors that cannot be sent to a client; default: prints them to stderr. */
  readonly report?: (error: unknown, where: string) => void;
}

/**
 * Creates what the calls of one server share, at whatever addresses it listens.
 *
 * @throws CacheError `invalid_argument` for wrong limits, see {@link parseServerLimits}
 */
export function createServerContext({
  limits: given,
  report = reportToStderr,
}: ServerContextOptions): ServerContext {
  const limits = parseServerLimits(given);
  const calls = new CallRegistry(limits.maxConcurrentCalls, () => performance.now());
  return {
    limits,
    report,
    budget: new ByteBudget(limits.maxBytesInFlight, limits.smallReplyReserveBytes),
    calls,
    connections: new ConnectionRegistry(limits, calls),
  };
}

function reportToStderr(error: unknown, where: string): void {
  console.error(`gestalt-cache-memory: ${where}:`, error);
}
