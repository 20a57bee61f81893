import { DEFAULT_PROVIDER_NAME } from "../contract/provider-name.js";
import type { MemoryCacheConfig } from "../memory/config/memory-cache-config.js";
import type { SharedCacheConfig } from "../memory/config/shared-config.js";
import { TieredCacheProvider } from "./tiered-cache-provider.js";

/** A shared cache of a process that serves one or more bindings. */
export interface BindingCacheOptions {
  readonly config: MemoryCacheConfig & { readonly shared: SharedCacheConfig };
  /** The binding; empty for a cache that serves any. */
  readonly binding: string;
  /** Whether the process serves other bindings as well, under the same configuration. */
  readonly hasOthers: boolean;
  /** The provider's version. */
  readonly version: string;
}

/**
 * Creates the shared cache of a binding, connected to its servers. The
 * caches of several bindings share a server without sharing keys: the keys of each begin with the
 * name of the binding.
 *
 * @throws CacheError `failed_precondition` when a server cannot be reached
 */
export async function createBindingCache(
  options: BindingCacheOptions,
): Promise<TieredCacheProvider> {
  const { config, binding, hasOthers, version } = options;
  const { shared } = config;
  const name = binding === "" ? DEFAULT_PROVIDER_NAME : binding;
  const { keyPrefix } = shared;
  const own =
    keyPrefix === undefined || !hasOthers
      ? shared
      : { ...shared, keyPrefix: `${keyPrefix}${name}:` };
  const provider = new TieredCacheProvider({ version });
  await provider.configureProvider(name, { ...config, shared: own });
  return provider;
}
