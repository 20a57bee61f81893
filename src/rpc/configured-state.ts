import { CacheError } from "../contract/cache-error.js";

/**
 * Whether a provider has been configured, and for which protocol version. Both
 * services of one provider share it: the lifecycle writes, the cache asks.
 */
export class ConfiguredState {
  /** The version agreed on; undefined until the first successful configuration. */
  protocolVersion: number | undefined;

  /** @param required - false for a server without a host, which nobody configures */
  constructor(readonly required: boolean) {}

  /** True when Cache calls may be served. */
  get isReady(): boolean {
    return !this.required || this.protocolVersion !== undefined;
  }

  /** @throws CacheError `failed_precondition` as long as calls may not be served */
  assertReady(): void {
    if (!this.isReady) throw new CacheError("failed_precondition", NOT_CONFIGURED);
  }
}

/** What a caller reads before ConfigureProvider. */
export const NOT_CONFIGURED = "not configured";
