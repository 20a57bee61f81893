import { createMemoryCacheProvider } from "./memory-cache-provider.js";
import { VERSION } from "../version.js";

/**
 * The in-memory provider, ready to be served: the target that package.json names
 * for the host, whose own runtime can load it as well. Default limits until the
 * host configures others.
 */
export const provider = createMemoryCacheProvider({ version: VERSION });
