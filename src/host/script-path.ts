import { existsSync } from "node:fs";

/** Where bun keeps the modules of a standalone executable; it pretends that they are files. */
const EMBEDDED = "/$bunfs/";

/**
 * The file that this process was started with. Undefined when there is none: in a
 * standalone executable, and for code from the command line.
 */
export function scriptPath(): string | undefined {
  const script = process.argv[1];
  const isFile = script !== undefined && !script.startsWith(EMBEDDED) && existsSync(script);
  return isFile ? script : undefined;
}
