const PRINTABLE_ASCII_WITHOUT_PERCENT = /^[ -$&-~]*$/;

/** The longest message, in characters; trailers share the peer's header limit of 8 to 16 KiB. */
const MAX_MESSAGE_LENGTH = 2_048;

/**
 * Encodes a text for the `grpc-message` trailer: UTF-8, with every byte outside printable ASCII,
 * and the percent sign, as `%` and two hexadecimal digits (the gRPC protocol over HTTP/2). A
 * text above 2,048 characters is truncated.
 */
export function encodeGrpcMessage(text: string): string {
  const short = text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text;
  if (PRINTABLE_ASCII_WITHOUT_PERCENT.test(short)) return short;
  let encoded = "";
  for (const byte of Buffer.from(short)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${hexByte(byte)}`;
  }
  return encoded;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
