import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { onTestFinished } from "vitest";
import { grpcHeaders } from "../../support/raw-http2.js";

/** How a call ended, seen from HTTP/2. */
export interface Outcome {
  /** `grpc-status`, or `http 415` and the like, or `reset 8`, or `lost`. */
  readonly status: string;
  readonly message: string;
  /** From the call's beginning until its status was there, in milliseconds. */
  readonly afterMs: number;
}

/** An HTTP/2 session for one test, on which single streams can be ill-treated. */
export async function openSession(socket: Socket): Promise<ClientHttp2Session> {
  const session = connectHttp2("http://localhost", {
    createConnection: () => socket,
    // With less than this it refuses the answer to a large request that it is still sending.
    maxSessionMemory: 1_024,
  });
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

/** The headers of an ordinary gRPC call of a method of the Cache service. */
export function cacheHeaders(method: string, more?: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return grpcHeaders(`/gestalt.provider.v1.Cache/${method}`, more);
}

/** Sends a request whole. */
export function call(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: Uint8Array,
): Promise<Outcome> {
  const stream = session.request(headers);
  stream.end(body);
  return outcomeOf(stream);
}

/** How a stream ends for the server, which may be before we have said everything. */
export async function outcomeOf(stream: ClientHttp2Stream): Promise<Outcome> {
  const begunMs = performance.now();
  const { session } = stream;
  const headers: IncomingHttpHeaders = {};
  let tail = "";
  let saidMs = Infinity;
  const hear = (received: IncomingHttpHeaders): void => {
    Object.assign(headers, received);
    saidMs = performance.now();
  };
  stream.on("response", hear);
  stream.on("trailers", hear);
  stream.on("data", (chunk: Buffer) => {
    tail = chunk.toString("latin1").slice(-MAX_TAIL);
    saidMs = performance.now();
  });
  stream.on("error", () => {});
  await new Promise((resolve) => {
    stream.once("end", resolve);
    stream.once("close", resolve);
  });
  const afterMs = Math.min(saidMs, performance.now()) - begunMs;
  const grpcMessage = headers["grpc-message"];
  const message = grpcMessage === undefined ? tail : decodeURIComponent(String(grpcMessage));
  // gRPC-Web sends its trailers as the last part of the body.
  const grpcStatus = headers["grpc-status"] ?? /grpc-status: ?(\d+)/.exec(tail)?.[1];
  if (grpcStatus !== undefined) return { status: String(grpcStatus), message, afterMs };
  const httpStatus = headers[":status"];
  if (httpStatus !== undefined) return { status: `http ${String(httpStatus)}`, message, afterMs };
  const status = session?.destroyed === false ? `reset ${stream.rstCode}` : "lost";
  return { status, message, afterMs };
}

/** How much of a reply's end is looked at, in bytes. */
const MAX_TAIL = 1_000;
