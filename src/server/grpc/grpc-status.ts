import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { stopReading } from "../limits/stream-reset.js";
import { replyHeadersFor } from "./grpc-headers.js";
import { encodeGrpcMessage } from "./grpc-message.js";

/** Returns the headers that carry a status, without HTTP's own. */
export function grpcStatusHeaders(
  contentType: string,
  code: number,
  message: string,
): OutgoingHttpHeaders {
  return {
    "content-type": contentType,
    "grpc-status": String(code),
    "grpc-message": encodeGrpcMessage(message),
  };
}

/**
 * Sends a status without a reply: one HEADERS frame, which ends the stream.
 *
 * @param isRequestComplete - whether the request has ended; if not, the client is told to stop
 */
export function sendStatus(
  stream: ServerHttp2Stream,
  contentType: string | undefined,
  code: number,
  message: string,
  isRequestComplete: boolean,
): void {
  stream.respond(
    {
      ...replyHeadersFor(contentType),
      "grpc-status": String(code),
      "grpc-message": encodeGrpcMessage(message),
    },
    { endStream: true },
  );
  if (!isRequestComplete) stopReading(stream);
}
