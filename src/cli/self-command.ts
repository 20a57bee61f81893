import { existsSync } from "node:fs";

/** The words that start this program once more, before its arguments. */
export function selfCommand(): readonly [string, ...string[]] {
  const script = process.argv[1];
  // In a standalone executable the script is no file, and the executable is enough.
  return script !== undefined && existsSync(script)
    ? [process.execPath, script]
    : [process.execPath];
}
