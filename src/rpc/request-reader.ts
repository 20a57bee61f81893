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

/** The longest tag. Its last byte holds four bits. */
const MAX_TAG_BYTES = 5;
const MAX_LAST_TAG_BYTE = 0x0f;

/**
 * protobuf-es's reader, with what requests need beside it: strings that are checked and
 * decoded without a view of their bytes, messages inside a message that cannot be read
 * past their end, and unknown fields that are checked. A bytes field is returned as a view of
 * the request.
 */
export class RequestReader extends BinaryReader {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#bytes = bytes;
  }

  /**
   * Reads a tag: the number and the wire type of the field that follows. A decoder compares it
   * with the tags that it knows, and passes any other to {@link skipField}.
   *
   * @throws Error for a tag of more than 32 bits
   */
  readTag(): number {
    const start = this.pos;
    const tag = this.uint32();
    const length = this.pos - start;
    if (
      length > MAX_TAG_BYTES ||
      (length === MAX_TAG_BYTES && (this.#bytes[this.pos - 1] as number) > MAX_LAST_TAG_BYTE)
    ) {
      throw new Error("a tag has more than 32 bits");
    }
    return tag;
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
   * @param tag - what {@link readTag} has returned
   * @throws Error for what is not a field, and for groups that are nested too deep
   */
  skipField(tag: number): void {
    const fieldNumber = tag >>> 3;
    if (fieldNumber === 0) throw new Error("invalid field number 0");
    const wireType = WIRE_TYPES[tag & 7];
    if (wireType === undefined) throw new Error(`cannot skip wire type ${tag & 7}`);
    this.skip(wireType, fieldNumber);
  }

  /** Skips the content of a field. Unlike that of protobuf-es, a varint has at most ten bytes. */
  override skip(wireType: WireType, fieldNumber?: number, recursionLimit?: number): Uint8Array {
    if (wireType !== WireType.Varint) return super.skip(wireType, fieldNumber, recursionLimit);
    const start = this.pos;
    this.uint32();
    return this.#bytes.subarray(start, this.pos);
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if ((bytes[index] as number) > 0x7f) return false;
  }
  return true;
}
