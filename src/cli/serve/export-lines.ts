import {
  CACHE_SOCKET_VARIABLE,
  cacheTokenVariable,
  HOST_SERVICE_TOKEN_VARIABLE,
} from "../../client/binding-environment.js";
import { TLS_CA_FILE_VARIABLE } from "../../client/tls-environment.js";
import { bindingVariables } from "../../client/binding-variables.js";
import { shellWord } from "../shell-word.js";

/** What the clients of a server need to know. */
export interface ServedTargets {
  /** The target of each binding, by its name. The empty name means a cache for any binding. */
  readonly own: ReadonlyMap<string, string>;
  /** The target that serves all bindings. */
  readonly shared: string;
  /** The token, as a shell word. */
  readonly tokenWord?: string | undefined;
  /** The path of a self-signed certificate that clients must trust. */
  readonly trustedFile?: string | undefined;
}

/** The variables from which clients read the CA certificates to trust. */
const TRUST_VARIABLES = [
  // The host's SDK for Go, and this project's client.
  TLS_CA_FILE_VARIABLE,
  // Node: the host's SDK for TypeScript.
  "NODE_EXTRA_CA_CERTS",
  // gRPC's C core: the host's SDK for Python.
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
  // OpenSSL, and rustls with native certificates: the host's SDK for Rust.
  "SSL_CERT_FILE",
];

/** Shell lines that export the variables by which plugins of all host generations find their caches. */
export function exportLines({ own, shared, tokenWord, trustedFile }: ServedTargets): string {
  const names = [...own.keys()];
  const isAnonymous = names.length === 1 && names[0] === "";
  const sockets = bindingVariables({ own: isAnonymous ? new Map() : own, shared });
  const only = own.size === 1 ? { [CACHE_SOCKET_VARIABLE]: [...own.values()].join() } : {};
  const lines = Object.entries({ ...only, ...sockets }).map(
    ([name, value]) => `export ${name}=${shellWord(value)}\n`,
  );
  if (tokenWord !== undefined) {
    const bindings = own.size === 1 ? new Set(["", ...names]) : names;
    for (const name of bindings) lines.push(`export ${cacheTokenVariable(name)}=${tokenWord}\n`);
    lines.push(`export ${HOST_SERVICE_TOKEN_VARIABLE}=${tokenWord}\n`);
  }
  if (trustedFile !== undefined) {
    for (const name of TRUST_VARIABLES) lines.push(`export ${name}=${shellWord(trustedFile)}\n`);
  }
  return lines.join("");
}
