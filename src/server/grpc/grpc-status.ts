import type { ServerHttp2Stream } from "node:http2";
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
