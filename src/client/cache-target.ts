import {
  ADDRESS_FORMS,
  formatAddress,
  formatHost,
  parseAddress,
  type Address,
} from "../contract/address.js";
import { CacheError } from "../contract/cache-error.js";

/** Where a client connects. `tcp` is plaintext HTTP/2. */
export type CacheTarget = Address;

/** The forms that {@link parseCacheTarget} reads, as messages and help texts show them. */
export const CACHE_TARGET_FORMS = ADDRESS_FORMS;

/** The longest socket path in bytes. Node truncates a longer path and connects elsewhere. */
const MAX_SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/**
 * Reads a target as {@link parseAddress} does, with a port of at least 1.
 *
 * @param source - the variable or option that holds the target, named in errors
 * @throws CacheError `invalid_argument` for any other text, and for a socket path that is
 *   too long
 */
export function parseCacheTarget(text: string, source: string): CacheTarget {
  const refuse = (problem: string): never => {
    throw new CacheError("invalid_argument", `${source}: ${problem}`);
  };
  const target = parseAddress(text, 1, refuse);
  if (target.kind === "unix") {
    const bytes = Buffer.byteLength(target.path);
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      return refuse(`socket path has ${bytes} bytes, above the limit of ${MAX_SOCKET_PATH_BYTES}`);
    }
  }
  return target;
}

/** Returns a target as {@link parseCacheTarget} reads it. */
export const formatCacheTarget: (target: CacheTarget) => string = formatAddress;

/**
 * Returns the origin of requests to a target, as `URL` and Connect write it: without the
 * scheme's default port.
 */
export function originOf(target: CacheTarget): string {
  // Some servers crash on a socket path as the authority.
  if (target.kind === "unix") return "http://localhost";
  const scheme = target.kind === "tls" ? "https" : "http";
  return new URL(`${scheme}://${formatHost(target.host)}:${target.port}`).origin;
}
