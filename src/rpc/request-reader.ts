import { isUtf8 } from "node:buffer";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** By their numbers. */
const WIRE_TYPES = [
  WireType.Varint,
  WireType.Bit64,
  WireType.LengthDelimited,
  WireType.StartGroup,
  WireType.EndGroup,
  WireType.Bit32,
];

/** Strings up to this many bytes are checked here instead of by a native call. */
const SHORT_STRING_BYTES = 64;

/**
 * protobuf-es's reader, with what requests need beside it: strings that are checked and
 * decoded without a view of their bytes, and messages inside a message that cannot be read
 * past their end. A bytes field is returned as a view of the request.
 */
export class RequestReader extends BinaryReader {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#bytes = bytes;
  }

  /**
   * Reads a string field. Nothing is repaired or left out: a byte order mark is a character
   * like any other.
   *
   * @throws Error for bytes that are not UTF-8
   */
  override string(): string {
    const bytes = this.#bytes;
    const length = this.uint32();
    const start = this.pos;
    const end = start + length;
    this.pos = end;
    this.assertBounds();
    if (length <= SHORT_STRING_BYTES && isAscii(bytes, start, end)) {
      return bytes.toString("latin1", start, end);
    }
    if (!isUtf8(bytes.subarray(start, end))) throw new Error("string is not valid UTF-8");
    return bytes.toString("utf8", start, end);
  }

  /**
   * Begins a message field.
   *
   * @returns the offset at which it ends, for {@link endMessage}
   */
  beginMessage(): number {
    const length = this.uint32();
    const end = this.pos + length;
    if (end > this.len) throw new Error("premature EOF");
    return end;
  }

  /** @throws Error when a field of the message was longer than the message itself */
  endMessage(end: number): void {
    if (this.pos !== end) throw new Error("premature EOF");
  }

  /**
   * Skips an unknown field.
   *
   * @param tag - number and wire type of the field, as it was read
   */
  skipField(tag: number): void {
    const fieldNumber = tag >>> 3;
    if (fieldNumber === 0) throw new Error("invalid field number 0");
    const wireType = WIRE_TYPES[tag & 7];
    if (wireType === undefined) throw new Error(`cannot skip wire type ${tag & 7}`);
    // skip() accepts varints of any length; the specification ends them after ten bytes.
    if (wireType === WireType.Varint) this.uint32();
    else this.skip(wireType, fieldNumber);
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if ((bytes[index] as number) > 0x7f) return false;
  }
  return true;
}
