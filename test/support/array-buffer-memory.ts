import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The bytes of all reachable array buffers of this process. */
export function arrayBufferBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
