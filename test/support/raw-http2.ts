import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectSocket } from "node:net";
import { onTestFinished } from "vitest";
import { frameMessage } from "../../src/conformance/grpc/grpc-frame.js";
import { requestHeaders } from "../../src/conformance/grpc/grpc-request.js";

/** All that a server sent on one stream. */
export interface RawAnswer {
  readonly headers: Record<string, string>;
  readonly trailers: Record<string, string>;
  readonly body: Buffer;
  /** The RST_STREAM code that ended the stream; 0 for no reset or NO_ERROR. */
  readonly resetCode: number;
}

/** A request as `node:http2` sends it, without a gRPC library. */
export interface RawRequest {
  readonly headers?: OutgoingHttpHeaders;
  /** The parts of the body, one DATA frame each; default: an empty body. */
  readonly body?: readonly Buffer[] | undefined;
  /** False: the request stream stays open after its body. */
  readonly end?: boolean;
}

/** Connects to a Unix socket until the test ends. */
export function openSession(path: string, authority = "http://localhost"): ClientHttp2Session {
  const session = connect(authority, { createConnection: () => connectSocket(path) });
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** The headers of a gRPC call. */
export function grpcHeaders(path: string, more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return { ...requestHeaders(path), ...more };
}

/** Sends one request and waits until its stream has closed. */
export async function exchange(
  session: ClientHttp2Session,
  { headers = {}, body = [], end = true }: RawRequest,
): Promise<RawAnswer> {
  const stream = session.request(headers);
  const chunks: Buffer[] = [];
  let received: Record<string, string> = {};
  let trailers: Record<string, string> = {};
  stream.on("response", (fields) => (received = textFields(fields)));
  stream.on("trailers", (fields: object) => (trailers = textFields(fields)));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  for (const piece of body) {
    stream.write(piece);
    // One turn of the event loop each, so that every part becomes its own DATA frame.
    if (body.length > 1) await new Promise((resolve) => setImmediate(resolve));
  }
  if (end) stream.end();
  await closed;
  return { headers: received, trailers, body: Buffer.concat(chunks), resetCode: stream.rstCode };
}

export { frameMessage as frame };

/** The gRPC status of a reply, from its trailers or headers, with the message decoded. */
export function grpcStatus({ headers, trailers }: RawAnswer): { code: string; message: string } {
  const fields = { ...headers, ...trailers };
  return {
    code: fields["grpc-status"] ?? "none",
    message: decodeURIComponent(fields["grpc-message"] ?? ""),
  };
}

function textFields(fields: object): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, String(field)]));
}
