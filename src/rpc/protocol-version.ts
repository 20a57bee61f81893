import { CacheError } from "../contract/cache-error.js";

/** The oldest protocol version of the host that is supported. */
export const MIN_PROTOCOL_VERSION = 2;

/** The newest supported version. Versions 2 to 5 are the same on the wire for these services. */
export const MAX_PROTOCOL_VERSION = 5;

/** @throws CacheError `failed_precondition` for a version outside the supported range */
export function assertProtocolVersion(version: number): void {
  if (version >= MIN_PROTOCOL_VERSION && version <= MAX_PROTOCOL_VERSION) return;
  throw new CacheError(
    "failed_precondition",
    `host speaks protocol version ${version}, this provider speaks ` +
      `${MIN_PROTOCOL_VERSION} to ${MAX_PROTOCOL_VERSION}`,
  );
}
