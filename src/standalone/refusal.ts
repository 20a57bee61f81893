import { encodeGrpcMessage } from "../server/grpc/grpc-message.js";
import type { Responder } from "./responder.js";

/** Why a request is not served. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** For the caller to read. */
  readonly message: string;
}

/** What a refusal is called: Connect's name, gRPC's number and HTTP's status for it. */
const REASONS = {
  unauthenticated: { grpcStatus: 16, httpStatus: 401 },
  permission_denied: { grpcStatus: 7, httpStatus: 403 },
  resource_exhausted: { grpcStatus: 8, httpStatus: 429 },
} as const;

/** One of the reasons that every protocol has a word for. */
export type RefusalReason = keyof typeof REASONS;

/** Set in the flags of the last message of a Connect stream. */
const END_OF_STREAM = 2;

/**
 * Answers a request with a refusal, in the protocol that its content type says it
 * speaks: gRPC and gRPC-Web read a status header, a Connect stream its last
 * message, everybody else an HTTP status and JSON.
 */
export function sendRefusal(
  answer: Responder,
  contentType: string | undefined,
  { reason, message }: Refusal,
): void {
  const { grpcStatus, httpStatus } = REASONS[reason];
  if (contentType?.startsWith("application/grpc")) {
    answer(200, {
      "content-type": contentType,
      "grpc-status": String(grpcStatus),
      "grpc-message": encodeGrpcMessage(message),
    });
  } else if (contentType?.startsWith("application/connect+")) {
    const error = JSON.stringify({ error: { code: reason, message } });
    answer(200, { "content-type": contentType }, lastMessage(error));
  } else {
    const headers = {
      "content-type": "application/json",
      // HTTP asks for it; a token is also taken in this form.
      ...(reason === "unauthenticated" ? { "www-authenticate": "Bearer" } : {}),
    };
    answer(httpStatus, headers, `${JSON.stringify({ code: reason, message })}\n`);
  }
}

function lastMessage(text: string): Buffer {
  const body = Buffer.from(text);
  const prefix = Buffer.alloc(5);
  prefix[0] = END_OF_STREAM;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}
