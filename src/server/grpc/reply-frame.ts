import type { ServerHttp2Stream } from "node:http2";
import type { SplitReply } from "../../rpc/unary-method.js";
import { noteReleasedBuffers, releaseBuffer } from "../limits/heap-garbage.js";
import { PREFIX_BYTES } from "../limits/message-assembler.js";

/** Replies up to this size, in bytes, are not counted: a stream itself takes more memory. */
export const UNCOUNTED_REPLY_BYTES = 4_096;

/**
 * Writes the prefix of a message into its headroom of {@link PREFIX_BYTES}.
 *
 * @returns the size of the frame, in bytes
 */
export function writePrefix(reply: Buffer | SplitReply): number {
  const head = Buffer.isBuffer(reply) ? reply : reply.head;
  const bytes = head.length + (Buffer.isBuffer(reply) ? 0 : reply.value.length);
  head[0] = 0;
  head.writeUInt32BE(bytes - PREFIX_BYTES, 1);
  return bytes;
}

/**
 * Sends a frame, and releases its memory when it is sent.
 *
 * @param copiesValues - whether nothing but the server uses the buffer of the value
 */
export function sendFrame(
  stream: ServerHttp2Stream,
  reply: Buffer | SplitReply,
  copiesValues: boolean,
): void {
  if (Buffer.isBuffer(reply)) {
    // The values that it was made of.
    if (reply.length > UNCOUNTED_REPLY_BYTES) noteReleasedBuffers(reply.length);
    endWith(stream, reply, true);
    return;
  }
  // Both go to HTTP/2 at once.
  stream.cork();
  stream.write(reply.head);
  endWith(stream, reply.value, copiesValues);
}

function endWith(stream: ServerHttp2Stream, bytes: Uint8Array, isUnused: boolean): void {
  if (bytes.length <= UNCOUNTED_REPLY_BYTES) {
    stream.end(bytes);
    return;
  }
  stream.end(bytes, () => {
    // After an error HTTP/2 may still be writing them.
    if (isUnused && stream.writableFinished) releaseBuffer(bytes);
    else noteReleasedBuffers(bytes.length);
  });
}
