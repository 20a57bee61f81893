import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

/** Sends a whole response, over either version of HTTP. */
export type Responder = (
  status: number,
  headers: OutgoingHttpHeaders,
  body?: string | Uint8Array,
) => void;

/** Returns what responds to a request of HTTP/1.1. */
export function http1Responder(response: ServerResponse): Responder {
  return (status, headers, body) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Returns what responds to a request of HTTP/2. A response without a body is one frame, as in gRPC. */
export function http2Responder(stream: ServerHttp2Stream): Responder {
  return (status, headers, body) => {
    if (stream.destroyed || stream.closed) return;
    stream.respond({ ...headers, ":status": status }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    // The rest of the request is read and dropped.
    stream.resume();
  };
}
