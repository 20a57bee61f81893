import { readFileSync } from "node:fs";
import { CacheError } from "../contract/cache-error.js";
import type { Environment } from "./binding-environment.js";
import type { CacheTlsOptions } from "./connect-socket.js";

/** The variable with the path of the authority that signed the host's certificate. */
export const TLS_CA_FILE_VARIABLE = "GESTALT_HOST_SERVICE_TLS_CA_FILE";
/** The variable with that authority itself, as PEM text. */
const TLS_CA_PEM_VARIABLE = "GESTALT_HOST_SERVICE_TLS_CA_PEM";

/**
 * The authority to trust for `tls://` targets, as newer hosts name it; nothing
 * when they name none. The text wins over the file.
 *
 * @throws CacheError `failed_precondition` when the file cannot be read
 */
export function tlsOptionsFromEnvironment(environment: Environment): CacheTlsOptions {
  const pem = environment[TLS_CA_PEM_VARIABLE];
  if (pem?.trim()) return { ca: pem };
  const path = environment[TLS_CA_FILE_VARIABLE]?.trim();
  if (!path) return {};
  try {
    return { ca: readFileSync(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CacheError("failed_precondition", `${TLS_CA_FILE_VARIABLE}: ${reason}`);
  }
}
