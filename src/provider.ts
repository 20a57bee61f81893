import { TieredCacheProvider } from "./redis/tiered-cache-provider.js";
import { VERSION } from "./version.js";

/**
 * The cache provider of this package, ready to be served: the target that package.json names for
 * the host, whose own runtime can load it as well. In memory and with default limits until the host
 * configures it.
 */
export const provider = new TieredCacheProvider({ version: VERSION });
