import { createPrivateKey, X509Certificate } from "node:crypto";

/** The certificate and key of a server, as PEM texts. */
export interface TlsCredentials {
  /** The server's certificate, followed by the chain to its authority. */
  readonly certificate: string;
  readonly key: string;
  /** If present, clients must have a certificate of this authority. */
  readonly clientAuthority?: string | undefined;
}

/** The part of the credentials that is invalid, and why. */
export interface CredentialsProblem {
  readonly part: keyof TlsCredentials;
  readonly message: string;
}

/**
 * Returns the first problem of the credentials; undefined if they are valid and belong together.
 * Node would report it only in OpenSSL's words.
 */
export function problemWithCredentials(
  credentials: TlsCredentials,
): CredentialsProblem | undefined {
  const certificate = certificateFrom(credentials.certificate);
  if (certificate === undefined) {
    return { part: "certificate", message: "not a PEM certificate" };
  }
  if (Date.parse(certificate.validTo) < Date.now()) {
    return { part: "certificate", message: `expired on ${certificate.validTo}` };
  }
  if (Date.parse(certificate.validFrom) > Date.now()) {
    return { part: "certificate", message: `not valid before ${certificate.validFrom}` };
  }
  const key = privateKeyFrom(credentials.key);
  if (key === undefined) return { part: "key", message: "not a PEM key without a password" };
  if (!certificate.checkPrivateKey(key)) {
    return { part: "key", message: "not the key of the certificate" };
  }
  const { clientAuthority } = credentials;
  if (clientAuthority !== undefined && certificateFrom(clientAuthority) === undefined) {
    return { part: "clientAuthority", message: "not a PEM certificate" };
  }
  return undefined;
}

/** Returns true for a self-signed certificate, which clients must be told to trust. */
export function isSelfSigned({ certificate }: TlsCredentials): boolean {
  const own = certificateFrom(certificate);
  // The authority may have the same name.
  return own !== undefined && own.checkIssued(own) && own.verify(own.publicKey);
}

/**
 * Returns true for a server's certificate that may sign others. Clients with rustls refuse an
 * authority's certificate as a server's.
 */
export function isAuthority({ certificate }: TlsCredentials): boolean {
  return certificateFrom(certificate)?.ca ?? false;
}

/** Returns true for a server's certificate that names its hosts as clients in Go and Rust require. */
export function hasAlternativeNames({ certificate }: TlsCredentials): boolean {
  return certificateFrom(certificate)?.subjectAltName !== undefined;
}

function certificateFrom(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyFrom(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
