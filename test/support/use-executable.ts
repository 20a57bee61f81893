import { compiledExecutable } from "./compiled-executable.js";

/** Global set-up of vitest: the tests of real processes run against the executable. */
export default function setup(): void {
  process.env["GESTALT_CACHE_MEMORY_COMMAND"] = compiledExecutable();
}
