import { configureTextEncoding } from "@bufbuild/protobuf/wire";

/**
 * Makes this process read a key that begins with a byte order mark as it is: protobuf-es 2.13
 * leaves the mark out, so that two keys become one.
 */
export function keepByteOrderMarks(): void {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  configureTextEncoding({
    encodeUtf8: (text) => encoder.encode(text),
    decodeUtf8: (bytes) => decoder.decode(bytes),
    checkUtf8: (text) => text.isWellFormed(),
  });
}
