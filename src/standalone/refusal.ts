import { encodeGrpcMessage } from "../server/grpc/grpc-message.js";
import type { Responder } from "./responder.js";

/** Why a request is refused. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The error message for the caller. */
  readonly message: string;
}

/** The reasons by Connect's name, with the number in gRPC and the status in HTTP. */
const REASONS = {
  unauthenticated: { grpcStatus: 16, httpStatus: 401 },
  permission_denied: { grpcStatus: 7, httpStatus: 403 },
  resource_exhausted: { grpcStatus: 8, httpStatus: 429 },
} as const;

/** A reason that every protocol can express. */
export type RefusalReason = keyof typeof REASONS;

/** The flag of the last message of a Connect stream. */
const END_OF_STREAM = 2;

/**
 * Refuses a request in the protocol of its content type: gRPC and gRPC-Web get a status header, a
 * Connect stream gets its last message, and all others get an HTTP status and JSON.
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
      // HTTP requires this header; a token is accepted in this form too.
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
