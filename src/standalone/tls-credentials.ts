import { createPrivateKey, X509Certificate } from "node:crypto";

/** What a server proves itself with, as PEM texts. */
export interface TlsCredentials {
  /** The server's certificate, followed by those that lead to its authority. */
  readonly certificate: string;
  readonly key: string;
  /** Clients must show a certificate of this authority; without it, none is asked for. */
  readonly clientAuthority?: string | undefined;
}

/** Which of the credentials is no good, and why. */
export interface CredentialsProblem {
  readonly part: keyof TlsCredentials;
  readonly message: string;
}

/**
 * Checks that the texts are what they should be and belong together, which Node
 * would say only in OpenSSL's words.
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

/** True for a certificate that nobody but itself vouches for: clients must be told of it. */
export function isSelfSigned({ certificate }: TlsCredentials): boolean {
  const own = certificateFrom(certificate);
  return own?.checkIssued(own) ?? false;
}

/**
 * True for a server's certificate that may sign others. Clients with rustls refuse it:
 * an authority must not be what it vouches for.
 */
export function isAuthority({ certificate }: TlsCredentials): boolean {
  return certificateFrom(certificate)?.ca ?? false;
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
