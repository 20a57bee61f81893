import { join } from "node:path";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { ask, nextMessage, startBenchProgram, stopChild } from "../process/child.js";
import { tempDirectory } from "../process/temp-directory.js";
import type { CallbackTimes } from "./timed-callbacks.js";

/** The requests to the server of this measurement. */
export type ExpiryQuestion =
  | { readonly ask: "fill"; readonly filling: ExpiryFilling }
  | { readonly ask: "holds" }
  | { readonly ask: "emptied" };

/** Entries whose deadlines are spread evenly over `spreadMs`, from `firstAfterMs` on. */
export interface ExpiryFilling {
  readonly entries: number;
  readonly firstAfterMs: number;
  readonly spreadMs: number;
}

/** How long the server's event loop was blocked since the last request. */
export interface Holds {
  /** The longest delay of a 1 ms timer, from any cause. */
  readonly longestDelayMs: number;
  /** The part of the sweeper. */
  readonly callbacks: CallbackTimes;
}

/** When the cache became empty. */
export interface Emptied {
  /** The time from the last deadline until the cache was empty; undefined when it is not. */
  readonly afterLastMs?: number;
  readonly entriesLeft: number;
}

/** The server of this measurement, in a separate process. */
export interface ExpiryServer {
  readonly socketPath: string;
  /** Writes the entries within the process, so that all are stored before the first expires. */
  fill(filling: ExpiryFilling): Promise<void>;
  holds(): Promise<Holds>;
  emptied(): Promise<Emptied>;
  stop(): Promise<void>;
}

/**
 * Starts the server.
 * @param watched - whether it polls for the moment when it is empty, which keeps its event loop active
 */
export async function startExpiryServer(
  store: StoreKind,
  core: number | undefined,
  watched: boolean,
): Promise<ExpiryServer> {
  const socketPath = join(tempDirectory(), "x.sock");
  const args = [socketPath, watched ? "watched" : "unwatched", store];
  const child = startBenchProgram("expiry/expiry-program", args, { core });
  await nextMessage(child);
  const question = <Answer>(message: ExpiryQuestion): Promise<Answer> => ask(child, message);
  return {
    socketPath,
    fill: (filling) => question({ ask: "fill", filling }),
    holds: () => question({ ask: "holds" }),
    emptied: () => question({ ask: "emptied" }),
    stop: () => stopChild(child),
  };
}
