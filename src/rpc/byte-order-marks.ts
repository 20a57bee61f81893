import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

let areKept = false;

/**
 * From now on protobuf-es reads a string as it was written. By itself it leaves out
 * a byte order mark at its beginning, so that two different keys become one.
 *
 * Holds for the whole process, and for every copy of protobuf-es in it: it has no
 * such option for one message. Protobuf itself knows of no byte order marks.
 */
export function keepByteOrderMarks(): void {
  if (areKept) return;
  areKept = true;
  const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
  const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  configureTextEncoding({
    ...getTextEncoding(),
    decodeUtf8: (bytes, isStrict) => (isStrict === true ? strict : lenient).decode(bytes),
  });
}
