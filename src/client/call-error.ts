import { Code, ConnectError } from "@connectrpc/connect";

/** What ends a call whose deadline has passed. */
export function deadlineError(timeoutMs: number): ConnectError {
  return new ConnectError(`no answer within ${timeoutMs} ms`, Code.DeadlineExceeded);
}

/** The cache that a call went to, as an error message names it. */
export interface CachePlace {
  /** The target, as {@link formatCacheTarget} writes it. */
  readonly target: string;
  /** The variable or option that named the target. */
  readonly source: string;
  /** The variable or option that holds the token. */
  readonly tokenSource: string;
  /** The deadline of each call; 0 for none. */
  readonly timeoutMs: number;
}

/**
 * Turns what a failed call threw into the error that the caller reads. An answer
 * of the server keeps its code and text. Everything that happened to the
 * connection becomes `unavailable` and says where the client wanted to go, who
 * told it to, and what to do.
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
    // A server that expects TLS hangs up on plaintext without a word.
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
 * True when HTTP/2 guarantees that the server did not look at the request, as
 * when it was closing: such a call may be made again without harm.
 */
export function wasRefusedUnseen(error: unknown): boolean {
  const { rawMessage, cause } = ConnectError.from(error);
  // Node's error comes first on some paths, the reset itself on others.
  return (
    (cause instanceof Error && cause.message.includes("NGHTTP2_REFUSED_STREAM")) ||
    rawMessage.startsWith("http/2 stream closed with error code REFUSED_STREAM")
  );
}

const UNTRUSTED =
  "the server's certificate is not trusted; name its authority in NODE_EXTRA_CA_CERTS or tls.ca";
const BROKEN = "the server broke the connection";
const DENIED = "no permission to connect; run as the user who started the server";

/** What to tell about a connection that failed, by the code of Node's error. */
const ADVICE_BY_NODE_CODE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such socket; is the server running?"],
  ["ECONNREFUSED", "nobody listens there; is the server running?"],
  ["ENOTSOCK", "that is not a socket"],
  ["EACCES", DENIED],
  ["EPERM", DENIED],
  ["ENOTFOUND", "the host name is unknown"],
  ["EAI_AGAIN", "the host name cannot be looked up right now"],
  ["ETIMEDOUT", "the host does not answer"],
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
  ["ERR_HTTP2_ERROR", "the server does not speak plaintext HTTP/2; is it behind tls://?"],
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
    // Alerts come under a code each, such as a refused client certificate.
    if (code.startsWith("ERR_SSL_")) return `TLS failed: ${cause.message}`;
    if (cause instanceof Error && "syscall" in cause) return cause.message;
  }
  // The text of a stream that ended without an answer, whose session was destroyed.
  return failure.rawMessage.startsWith("http/2 stream closed") ? BROKEN : undefined;
}

/** The text of {@link deadlineError}; a server that gives up has one of its own. */
function isOwnDeadline({ code, rawMessage }: ConnectError, { timeoutMs }: CachePlace): boolean {
  return code === Code.DeadlineExceeded && rawMessage === deadlineError(timeoutMs).rawMessage;
}

/** What the transport says of a plain web server's answer. */
function isForeignServer(failure: ConnectError): boolean {
  return /^HTTP \d{3}$|^unsupported content type /.test(failure.rawMessage);
}
