import { scriptPath } from "../host/script-path.js";

/** The words that start this program again; arguments follow. */
export function selfCommand(): readonly [string, ...string[]] {
  const script = scriptPath();
  // The standalone executable needs no script.
  return script === undefined ? [process.execPath] : [process.execPath, script];
}
