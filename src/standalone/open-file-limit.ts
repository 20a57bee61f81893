import { readFileSync } from "node:fs";

/**
 * Returns how many files and sockets this process may have open; Infinity when the system does not
 * say. Node.js raises the limit as far as the system permits, which is 1,024 on some.
 */
export function maxOpenFiles(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "latin1");
    const [, soft] = /^Max open files +(\d+) /m.exec(limits) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    // Only Linux has this file.
    return Infinity;
  }
}
