import { scriptPath } from "../host/script-path.js";

/** The words that start this program once more, before its arguments. */
export function selfCommand(): readonly [string, ...string[]] {
  const script = scriptPath();
  // A standalone executable is enough.
  return script === undefined ? [process.execPath] : [process.execPath, script];
}
