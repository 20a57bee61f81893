import { readFileSync } from "node:fs";
import {
  isAuthority,
  problemWithCredentials,
  type TlsCredentials,
} from "../../standalone/tls-credentials.js";
import { systemErrorReason } from "../system-error-reason.js";
import { UsageError } from "../usage-error.js";

/** The flags that name the files. */
export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/**
 * Reads the files that the flags name.
 *
 * @param isNeeded - whether there is a tls:// address
 * @returns undefined when there is none, and no flag
 * @throws UsageError when flags are missing, or there for nothing; Error naming the
 *   file or the problem when what they name is no good
 */
export function tlsCredentialsFrom(flags: TlsFlags, isNeeded: boolean): TlsCredentials | undefined {
  const { tlsCert, tlsKey, tlsClientCa } = flags;
  if (!isNeeded) {
    const isGiven = [tlsCert, tlsKey, tlsClientCa].some((flag) => flag !== undefined);
    if (isGiven) throw new UsageError("TLS files are given, but no tls:// address");
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

/** What the user of a certificate must know; undefined when every client accepts it. */
export function certificateWarning(credentials: TlsCredentials): string | undefined {
  if (!isAuthority(credentials)) return undefined;
  return (
    "the certificate of the server may sign others (basicConstraints CA:TRUE), and clients " +
    "in Rust refuse it; make one with CA:FALSE"
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${path}: ${systemErrorReason(error)}`, { cause: error });
  }
}
