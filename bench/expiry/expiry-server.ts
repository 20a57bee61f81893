import { join } from "node:path";
import type { StoreKind } from "../../src/memory/config/config-schema.js";
import { ask, nextMessage, startBenchProgram, stopChild } from "../process/child.js";
import { tempDirectory } from "../process/temp-directory.js";
import type { CallbackTimes } from "./timed-callbacks.js";

/** What the server of this measurement can be asked. */
export type ExpiryQuestion =
  | { readonly ask: "fill"; readonly filling: ExpiryFilling }
  | { readonly ask: "holds" }
  | { readonly ask: "emptied" };

/** Entries whose deadlines are spread evenly over a time that begins some time after now. */
export interface ExpiryFilling {
  readonly entries: number;
  readonly firstAfterMs: number;
  readonly spreadMs: number;
}

/** What held the server's event loop since it was last asked. */
export interface Holds {
  /** The longest wait of a 1 ms timer, whatever caused it. */
  readonly longestDelayMs: number;
  /** The sweeper's own part. */
  readonly callbacks: CallbackTimes;
}

/** How the entries went. */
export interface Emptied {
  /** From the last deadline to the cache being empty; undefined when it is not. */
  readonly afterLastMs?: number;
  readonly entriesLeft: number;
}

/** The server of this measurement, in a process of its own. */
export interface ExpiryServer {
  readonly socketPath: string;
  /** Writes the entries, in the process: they have to be there before the first expires. */
  fill(filling: ExpiryFilling): Promise<void>;
  holds(): Promise<Holds>;
  emptied(): Promise<Emptied>;
  stop(): Promise<void>;
}

/**
 * Starts the server.
 * @param watched - whether it looks for the moment when it is empty, which keeps its event loop awake
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
