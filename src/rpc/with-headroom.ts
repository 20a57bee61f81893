/** Returns a copy of a message with `headroom` bytes before it, which the caller fills. */
export function withHeadroom(message: Uint8Array, headroom: number): Buffer {
  const bytes = Buffer.allocUnsafe(headroom + message.length);
  bytes.set(message, headroom);
  return bytes;
}
