import { createBindingCache } from "../../redis/binding-cache.js";
import { VERSION } from "../../version.js";
import { ControlledCache, type ControlledCacheOptions } from "./controlled-cache.js";

/** A cache of a process that serves one or more bindings. */
export interface BindingOptions extends Omit<ControlledCacheOptions, "shared"> {
  /** The binding; empty for a cache that serves any. */
  readonly binding: string;
  /** Whether the process serves other bindings as well, under the same configuration. */
  readonly hasOthers: boolean;
}

/**
 * Creates the cache of a binding: in memory, or connected to its servers if the configuration has
 * `shared`.
 *
 * @throws CacheError `failed_precondition` when a server cannot be reached, and as the constructor
 *   of {@link ControlledCache}
 */
export async function createControlledCache(options: BindingOptions): Promise<ControlledCache> {
  const { binding, hasOthers, ...controlled } = options;
  const servers = controlled.config.shared;
  if (servers === undefined) return new ControlledCache(controlled);
  const config = { ...controlled.config, shared: servers };
  const shared = await createBindingCache({ config, binding, hasOthers, version: VERSION });
  try {
    return new ControlledCache({ ...controlled, shared });
  } catch (error) {
    await shared.closeProvider();
    throw error;
  }
}
