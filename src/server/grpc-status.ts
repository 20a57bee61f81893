import { constants, type ServerHttp2Stream } from "node:http2";
import { encodeGrpcMessage } from "./grpc-message.js";
import { replyHeadersFor } from "./grpc-headers.js";

/** A status without a reply: one HEADERS frame that ends the stream. */
export function sendStatus(
  stream: ServerHttp2Stream,
  contentType: string | undefined,
  code: number,
  message: string,
): void {
  stream.respond(
    {
      ...replyHeadersFor(contentType),
      "grpc-status": String(code),
      "grpc-message": encodeGrpcMessage(message),
    },
    { endStream: true },
  );
}

/**
 * Tells the client to stop sending: the answer is complete, the rest is not wanted.
 * In a moment, since a reset that is asked for while the session reads goes out
 * before the answer (Node 22.23), and the client never gets that.
 */
export function stopReading(stream: ServerHttp2Stream): void {
  setImmediate(() => {
    if (!stream.closed && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}
