import { createMemoryCacheProvider } from "./memory-cache-provider.js";
import { VERSION } from "../version.js";

/**
 * The in-memory provider, the target that package.json names for the host. The host's own
 * runtime can load it too. It has the default limits until the host configures others.
 */
export const provider = createMemoryCacheProvider({ version: VERSION });
