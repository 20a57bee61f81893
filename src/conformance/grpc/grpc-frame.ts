/** Bytes before each gRPC message: a compression flag and a 32-bit length. */
const PREFIX_BYTES = 5;

/**
 * A message in its gRPC frame.
 *
 * @param flag - 0 for a message that is not compressed
 * @param declaredBytes - the length in the frame's prefix; another one than the message's for
 *   a frame that is wrong on purpose
 */
export function frameMessage(
  message: Uint8Array,
  flag = 0,
  declaredBytes = message.byteLength,
): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  frame.writeUInt8(flag, 0);
  frame.writeUInt32BE(declaredBytes, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/**
 * The message of a unary answer's body; undefined for an empty body.
 *
 * @throws Error saying what is wrong with a body that is not exactly one
 *   uncompressed message
 */
export function messageFromBody(body: Buffer): Buffer | undefined {
  if (body.byteLength === 0) return undefined;
  if (body.byteLength < PREFIX_BYTES) {
    throw new Error(`a body of ${body.byteLength} bytes, too short for a gRPC frame`);
  }
  const flag = body.readUInt8(0);
  if (flag !== 0)
    throw new Error(`a gRPC frame with flag ${flag}, although the request accepts no compression`);
  const length = body.readUInt32BE(1);
  const present = body.byteLength - PREFIX_BYTES;
  if (length !== present) {
    throw new Error(`a gRPC frame with a length of ${length} bytes, followed by ${present} bytes`);
  }
  return body.subarray(PREFIX_BYTES);
}
