import { findH2load, H2LOAD_ADVICE } from "./h2load.js";
import type { LoadGenerator } from "./load-generator.js";
import { createNodeLoad } from "./node-load.js";
import { UsageError } from "../options.js";

/** Finds the load generator: h2load, or a Node process when h2load is not installed. */
export function findLoadGenerator(
  core: number | undefined,
  wanted: "h2load" | "node" | undefined,
): LoadGenerator {
  if (wanted === "node") return createNodeLoad(core, "selected with --load node");
  const h2load = findH2load(core);
  if (h2load !== undefined) return h2load;
  if (wanted === "h2load") throw new UsageError(H2LOAD_ADVICE);
  return createNodeLoad(core, H2LOAD_ADVICE);
}
