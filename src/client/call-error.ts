import { Code, ConnectError } from "@connectrpc/connect";

/** The error of a call that reached its deadline. */
export function deadlineError(timeoutMs: number): ConnectError {
  return new ConnectError(`no reply within ${timeoutMs} ms`, Code.DeadlineExceeded);
}

/** Where a client connects to, as error messages name it. */
export interface CachePlace {
  /** The target, as {@link formatCacheTarget} writes it. */
  readonly target: string;
  /** The variable or option that gives the target. */
  readonly source: string;
  /** The variable or option that gives the token. */
  readonly tokenSource: string;
  /** The deadline of each call, in milliseconds; 0 for none. */
  readonly timeoutMs: number;
}

/**
 * Turns the error of a failed call into one for the caller. An error that the server sent keeps
 * its code and message. A failure of the connection becomes `unavailable`; the message names the
 * target, the variable or option that gives it, and what to do.
 */
export function explainCallError(error: unknown, place: CachePlace): ConnectError {
  const failure = ConnectError.from(error);
  const explain = (code: Code, problem: string): ConnectError =>
    new ConnectError(
      `cache at ${place.target} (${place.source}): ${problem}`,
      code,
      failure.metadata,
      undefined,
      failure,
    );
  const advice = connectionAdvice(failure);
  if (advice !== undefined) {
    // A server that expects TLS closes a plaintext connection without an error.
    const isPlaintext = advice === BROKEN && place.target.startsWith("tcp://");
    return explain(
      Code.Unavailable,
      isPlaintext ? `${BROKEN}; if it expects TLS, use tls://` : advice,
    );
  }
  if (isOwnDeadline(failure, place)) return explain(Code.DeadlineExceeded, failure.rawMessage);
  if (isForeignServer(failure)) {
    return explain(failure.code, `this is not a gRPC server (${failure.rawMessage})`);
  }
  if (failure.code === Code.Unauthenticated) {
    return explain(
      failure.code,
      `${failure.rawMessage}; the token is read from ${place.tokenSource}`,
    );
  }
  return failure;
}

/**
 * True when the server refused the stream (REFUSED_STREAM), as it does while it closes. HTTP/2
 * guarantees that it did not process the request, so the call can be repeated (RFC 9113, 8.7).
 */
export function wasRefused(error: unknown): boolean {
  const { rawMessage, cause } = ConnectError.from(error);
  // Depending on the path, the cause is Node's error, or the message names the reset.
  return (
    (cause instanceof Error && cause.message.includes("NGHTTP2_REFUSED_STREAM")) ||
    rawMessage.startsWith("http/2 stream closed with error code REFUSED_STREAM")
  );
}

const UNTRUSTED =
  "the server's certificate is not trusted; add its CA certificate with tls.ca or NODE_EXTRA_CA_CERTS";
const BROKEN = "the server closed the connection";
const DENIED = "no permission to connect; run as the user who started the server";

/** The problem and what to do about it, by the code of Node's error. */
const ADVICE_BY_NODE_CODE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "the socket does not exist; is the server running?"],
  ["ECONNREFUSED", "connection refused; is the server running?"],
  ["ENOTSOCK", "the path is not a socket"],
  ["EACCES", DENIED],
  ["EPERM", DENIED],
  ["ENOTFOUND", "the host name is unknown"],
  ["EAI_AGAIN", "the host name cannot be resolved at the moment; try again"],
  ["ETIMEDOUT", "the host does not respond"],
  ["EHOSTUNREACH", "the host cannot be reached"],
  ["ENETUNREACH", "the network cannot be reached"],
  ["ECONNRESET", BROKEN],
  ["EPIPE", BROKEN],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "the server does not speak TLS; use tcp://"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "the server does not speak TLS; use tcp://"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "the server's certificate is for another name"],
  ["CERT_HAS_EXPIRED", "the server's certificate has expired"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED],
  ["ERR_HTTP2_ERROR", "the server does not speak plaintext HTTP/2; if it expects TLS, use tls://"],
  ["ERR_HTTP2_STREAM_ERROR", BROKEN],
  ["ERR_HTTP2_SESSION_ERROR", BROKEN],
  ["ERR_HTTP2_STREAM_CANCEL", BROKEN],
]);

function connectionAdvice(failure: ConnectError): string | undefined {
  for (let cause = failure.cause; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) continue;
    const advice = ADVICE_BY_NODE_CODE.get(code);
    if (advice !== undefined) return advice;
    // Each TLS alert has its own code, such as that for a refused client certificate.
    if (code.startsWith("ERR_SSL_")) return `TLS failed: ${cause.message}`;
    if (cause instanceof Error && "syscall" in cause) return cause.message;
  }
  // Connect's message for a stream without a reply whose session was destroyed.
  return failure.rawMessage.startsWith("http/2 stream closed") ? BROKEN : undefined;
}

/** True for {@link deadlineError}; a server whose deadline passed sends another message. */
function isOwnDeadline({ code, rawMessage }: ConnectError, { timeoutMs }: CachePlace): boolean {
  return code === Code.DeadlineExceeded && rawMessage === deadlineError(timeoutMs).rawMessage;
}

/** Connect's messages for the reply of a web server that does not speak gRPC. */
function isForeignServer(failure: ConnectError): boolean {
  return /^HTTP \d{3}$|^unsupported content type /.test(failure.rawMessage);
}
