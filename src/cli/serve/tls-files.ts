import { readFileSync } from "node:fs";
import {
  hasAlternativeNames,
  isAuthority,
  problemWithCredentials,
  type TlsCredentials,
} from "../../standalone/tls-credentials.js";
import { systemErrorReason } from "../system-error-reason.js";
import { UsageError } from "../usage-error.js";

/** The flags that name certificate and key files. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/**
 * Reads the files that the flags name.
 *
 * @param isNeeded - whether there is a tls:// address
 * @returns undefined without a tls:// address
 * @throws UsageError for missing flags, and for flags without a tls:// address; Error that names
 *   the file and its problem
 */
export function tlsCredentialsFrom(flags: TlsFlags, isNeeded: boolean): TlsCredentials | undefined {
  const { tlsCert, tlsKey, tlsClientCa } = flags;
  if (!isNeeded) {
    const isGiven = [tlsCert, tlsKey, tlsClientCa].some((flag) => flag !== undefined);
    if (isGiven) {
      throw new UsageError("--tls-cert, --tls-key and --tls-client-ca need a tls:// address");
    }
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError("a tls:// address needs --tls-cert and --tls-key");
  }
  const credentials: TlsCredentials = {
    certificate: read(tlsCert),
    key: read(tlsKey),
    clientAuthority: tlsClientCa === undefined ? undefined : read(tlsClientCa),
  };
  const problem = problemWithCredentials(credentials);
  if (problem === undefined) return credentials;
  const paths = { certificate: tlsCert, key: tlsKey, clientAuthority: tlsClientCa ?? "" };
  throw new Error(`${paths[problem.part]}: ${problem.message}`);
}

/** Warnings about a certificate that some clients refuse. */
export function certificateWarnings(credentials: TlsCredentials): string[] {
  const authority =
    "the server's certificate is a CA certificate (basicConstraints CA:TRUE), which clients in Rust " +
    "refuse; use one with CA:FALSE";
  const unnamed =
    "the server's certificate has no subjectAltName, without which clients in Go and Rust refuse it; " +
    "use one that names its hosts there";
  return [
    ...(isAuthority(credentials) ? [authority] : []),
    ...(hasAlternativeNames(credentials) ? [] : [unnamed]),
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  }
}
