/** Bytes in front of a gRPC message: one for compression, four for its length. */
const FRAME_HEADER_BYTES = 5;

/** A message as one uncompressed gRPC frame. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * The message in the one frame that a body is.
 * @throws Error when the body is something else
 */
export function messageFromFrame(body: Buffer): Buffer {
  if (body.length < FRAME_HEADER_BYTES || body.readUInt8(0) !== 0) {
    throw new Error(`not an uncompressed gRPC frame: ${body.length} bytes`);
  }
  const length = body.readUInt32BE(1);
  if (length !== body.length - FRAME_HEADER_BYTES) {
    throw new Error(`frame announces ${length} of ${body.length - FRAME_HEADER_BYTES} bytes`);
  }
  return body.subarray(FRAME_HEADER_BYTES);
}
