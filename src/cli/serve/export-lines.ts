import {
  CACHE_SOCKET_VARIABLE,
  cacheTokenVariable,
  HOST_SERVICE_TOKEN_VARIABLE,
} from "../../client/binding-environment.js";
import { TLS_CA_FILE_VARIABLE } from "../../client/tls-environment.js";
import { bindingVariables } from "../../client/binding-variables.js";
import { shellWord } from "../shell-word.js";

/** Where a server's clients find what it serves. */
export interface ServedTargets {
  /** The target of each binding, by its name; the empty name stands for whatever is asked for. */
  readonly own: ReadonlyMap<string, string>;
  /** The target that serves all bindings. */
  readonly shared: string;
  /** The token, as a word of a shell. */
  readonly tokenWord?: string | undefined;
  /** The certificate that clients must be told to trust, as no authority vouches for it. */
  readonly trustedFile?: string | undefined;
}

/** What each client reads the authorities from that it trusts beside or instead of others. */
const TRUST_VARIABLES = [
  // The host's SDK for Go, and our own client.
  TLS_CA_FILE_VARIABLE,
  // Node: the host's SDK for TypeScript.
  "NODE_EXTRA_CA_CERTS",
  // gRPC's C core: the host's SDK for Python.
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
  // OpenSSL, and rustls with native certificates: the host's SDK for Rust.
  "SSL_CERT_FILE",
];

/** The lines of a shell that tell plugins, of older and newer hosts, where their caches are. */
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
