import { existsSync } from "node:fs";

/** The path under which Bun presents the modules of a standalone executable as files. */
const EMBEDDED = "/$bunfs/";

/**
 * Returns the script that this process runs; undefined in a standalone executable, and for code
 * from the command line.
 */
export function scriptPath(): string | undefined {
  const script = process.argv[1];
  const isFile = script !== undefined && !script.startsWith(EMBEDDED) && existsSync(script);
  return isFile ? script : undefined;
}
