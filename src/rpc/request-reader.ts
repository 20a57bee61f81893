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

/** The longest varint of 32 bits. Its last byte holds four of them. */
const MAX_UINT32_BYTES = 5;
const MAX_LAST_UINT32_BYTE = 0x0f;

/**
 * protobuf-es's reader, with what requests need beside it: strings that are checked and
 * decoded without a view of their bytes, messages inside a message that cannot be read
 * past their end, and unknown fields that are checked.
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
    return this.#readUint32("tag");
  }

  /** Reads a bytes field: a view of the request. */
  override bytes(): Uint8Array {
    const end = this.beginDelimited();
    const content = this.#bytes.subarray(this.pos, end);
    this.pos = end;
    return content;
  }

  /**
   * Reads a string field. Nothing is repaired or left out: a byte order mark is a character
   * like any other.
   *
   * @throws Error for bytes that are not UTF-8
   */
  override string(): string {
    const bytes = this.#bytes;
    const end = this.beginDelimited();
    const start = this.pos;
    const length = end - start;
    this.pos = end;
    if (length <= SHORT_STRING_BYTES && isAscii(bytes, start, end)) {
      return bytes.toString("latin1", start, end);
    }
    if (!isUtf8(bytes.subarray(start, end))) throw new Error("string is not valid UTF-8");
    return bytes.toString("utf8", start, end);
  }

  /**
   * Begins a length-delimited field: a message, a string or bytes.
   *
   * @returns the offset at which it ends, for {@link endDelimited}
   * @throws Error for a length beyond the end of the request, and for one of more than 32 bits
   */
  beginDelimited(): number {
    const length = this.#readUint32("length");
    const end = this.pos + length;
    if (end > this.len) throw new Error("premature EOF");
    return end;
  }

  /** @throws Error when a field of the message was longer than the message itself */
  endDelimited(end: number): void {
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

  /** Skips the content of a field, with the checks of a known field. */
  override skip(wireType: WireType, fieldNumber?: number, recursionLimit?: number): Uint8Array {
    if (wireType === WireType.LengthDelimited) return this.bytes();
    if (wireType !== WireType.Varint) return super.skip(wireType, fieldNumber, recursionLimit);
    const start = this.pos;
    this.uint32();
    return this.#bytes.subarray(start, this.pos);
  }

  /** Reads a varint that must not be reduced to its lowest 32 bits, as `uint32` does. */
  #readUint32(name: string): number {
    const start = this.pos;
    const value = this.uint32();
    const bytes = this.pos - start;
    if (
      bytes > MAX_UINT32_BYTES ||
      (bytes === MAX_UINT32_BYTES && (this.#bytes[this.pos - 1] as number) > MAX_LAST_UINT32_BYTE)
    ) {
      throw new Error(`a ${name} has more than 32 bits`);
    }
    return value;
  }
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if ((bytes[index] as number) > 0x7f) return false;
  }
  return true;
}
