import { readFileSync } from "node:fs";
import { CacheError } from "../contract/cache-error.js";
import type { Environment } from "./binding-environment.js";
import type { CacheTlsOptions } from "./connect-socket.js";

/** The variable with the path of a CA certificate (PEM) for the host's certificate. */
export const TLS_CA_FILE_VARIABLE = "GESTALT_HOST_SERVICE_TLS_CA_FILE";
/** The variable with that CA certificate itself, as PEM text. */
const TLS_CA_PEM_VARIABLE = "GESTALT_HOST_SERVICE_TLS_CA_PEM";

/**
 * The CA certificate to trust for `tls://` targets, from the variables of newer hosts. The text
 * takes precedence over the file. Empty options when neither variable is set.
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
