import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDirectory } from "../../support/temp-directory.js";

/** Watches how long a Node process holds its event loop. */
export interface PauseMonitor {
  /** The environment in which the process is watched. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The longest time that has ended since `sinceMs` (as `Date.now()` says it), in
   * milliseconds; undefined for a process that is not Node and cannot be watched.
   */
  readonly longestMs: (sinceMs: number) => number | undefined;
}

/** A monitor for one process that is still to be started. */
export function createPauseMonitor(): PauseMonitor {
  const file = join(tempDirectory(), "pauses");
  writeFileSync(file, "");
  const program = join(import.meta.dirname, "pause-monitor.mjs");
  return {
    env: { NODE_OPTIONS: `--import=${program}`, PAUSE_FILE: file },
    longestMs: (sinceMs) => {
      const lines = readFileSync(file, "utf8").trim().split("\n");
      if (lines[0] === "") return undefined;
      const pauses = lines.map((line) => line.split(" ").map(Number));
      return pauses
        .filter(([endMs = 0]) => endMs >= sinceMs)
        .reduce((longest, [, lengthMs = 0]) => Math.max(longest, lengthMs), 0);
    },
  };
}
