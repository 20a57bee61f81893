import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * True when this process is in the foreground of a terminal. Ctrl-C then signals every process of
 * its group, children included. A process cannot distinguish such a signal from one that was sent
 * to it alone; the terminal's is the usual one.
 */
export function terminalSignalsGroup(): boolean {
  try {
    return isForeground(readFileSync("/proc/self/stat", "latin1"));
  } catch {
    // Not Linux. A process with a terminal is most likely in its foreground.
    return [0, 1, 2].some((descriptor) => isatty(descriptor));
  }
}

/** True when a line of /proc/PID/stat describes a process in the foreground of a terminal. */
export function isForeground(stat: string): boolean {
  // The name is in brackets and may contain any character, also brackets and blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, , processGroup, , terminal, foregroundGroup] = fields;
  return terminal !== "0" && processGroup === foregroundGroup;
}
