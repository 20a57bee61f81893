import { CacheError } from "../contract/cache-error.js";

/**
 * Whether a provider is configured, and for which protocol version. The two services of a
 * provider share it: the lifecycle service writes it, the cache service reads it.
 */
export class ConfiguredState {
  /** The negotiated version; undefined until the first successful configuration. */
  protocolVersion: number | undefined;

  /** @param required - false for a server without a host, which is never configured */
  constructor(readonly required: boolean) {}

  /** True when Cache calls may be served. */
  get isReady(): boolean {
    return !this.required || this.protocolVersion !== undefined;
  }

  /** @throws CacheError `failed_precondition` while calls may not be served */
  assertReady(): void {
    if (!this.isReady) throw new CacheError("failed_precondition", NOT_CONFIGURED);
  }
}

/** The error message of calls before ConfigureProvider. */
export const NOT_CONFIGURED = "not configured";
