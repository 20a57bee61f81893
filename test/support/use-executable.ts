import { compiledExecutable } from "./compiled-executable.js";

/** Global setup of vitest: the tests of real processes run the executable. */
export default function setup(): void {
  process.env["GESTALT_CACHE_MEMORY_COMMAND"] = compiledExecutable();
}
