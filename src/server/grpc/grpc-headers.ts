/** The content type of gRPC. `unary-grpc-dispatcher.ts` serves this one and the next. */
export const GRPC = "application/grpc";

/** The content type of gRPC with its message format. */
export const GRPC_PROTO = "application/grpc+proto";

const REPLY_HEADERS = { ":status": 200, "content-type": GRPC };
const PROTO_REPLY_HEADERS = { ":status": 200, "content-type": GRPC_PROTO };

/** The trailers of a successful reply. */
export const OK_TRAILERS: Readonly<Record<string, string>> = { "grpc-status": "0" };

/** Headers of a reply, including the status of HTTP/2. */
export type ReplyHeaders = Readonly<Record<string, string | number>>;

/** Returns the headers of a reply. Its type is that of the request, as with other gRPC servers. */
export function replyHeadersFor(contentType: string | undefined): ReplyHeaders {
  return contentType === GRPC_PROTO ? PROTO_REPLY_HEADERS : REPLY_HEADERS;
}
