import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * True when this process is in the foreground of a terminal. Ctrl-C there signals
 * every process of the group, children included. Nothing tells such a signal from
 * one that was sent to this process alone; the terminal's is the common one.
 */
export function terminalSignalsGroup(): boolean {
  try {
    return isForeground(readFileSync("/proc/self/stat", "latin1"));
  } catch {
    // Not Linux. Whoever talks to a terminal is most likely in its foreground.
    return [0, 1, 2].some((descriptor) => isatty(descriptor));
  }
}

/** Whether a line of /proc/PID/stat tells of a process in the foreground of a terminal. */
export function isForeground(stat: string): boolean {
  // The name stands in brackets and may hold anything, brackets and blanks included.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, , processGroup, , terminal, foregroundGroup] = fields;
  return terminal !== "0" && processGroup === foregroundGroup;
}
