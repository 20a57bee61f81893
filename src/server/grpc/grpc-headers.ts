/** The content types that the lean path serves; others go to Connect. */
export const GRPC = "application/grpc";

/** The same with its message format spelled out. */
export const GRPC_PROTO = "application/grpc+proto";

const REPLY_HEADERS = { ":status": 200, "content-type": GRPC };
const PROTO_REPLY_HEADERS = { ":status": 200, "content-type": GRPC_PROTO };

/** What follows a reply when all went well. */
export const OK_TRAILERS: Readonly<Record<string, string>> = { "grpc-status": "0" };

/** Headers that can be sent as they are. */
export type ReplyHeaders = Readonly<Record<string, string | number>>;

/** The headers of a reply: of the same type as the request, as other gRPC servers do. */
export function replyHeadersFor(contentType: string | undefined): ReplyHeaders {
  return contentType === GRPC_PROTO ? PROTO_REPLY_HEADERS : REPLY_HEADERS;
}
