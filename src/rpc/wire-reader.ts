import { isUtf8 } from "node:buffer";

/** Protobuf's wire types: how a field's content is delimited. */
const WireType = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 };

/** Strings up to this many bytes are looked at here instead of by a native call. */
const SHORT_STRING_BYTES = 64;

/** How deep groups inside unknown fields may be nested. */
const MAX_GROUP_DEPTH = 100;

/**
 * Reads protobuf fields, one after another, out of a message's bytes. Reads no
 * byte outside them, whatever the message claims.
 */
export class WireReader {
  #position: number;

  readonly #bytes: Buffer;
  readonly #end: number;

  /** @param end - where the message ends, as an offset into `bytes` */
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#end = end;
    this.#position = start;
  }

  /** True when every field has been read. */
  get isAtEnd(): boolean {
    return this.#position === this.#end;
  }

  /** The next field's number and wire type, as one number. */
  readTag(): number {
    const tag = this.readVarint32();
    if (tag >>> 3 === 0) throw new Error("invalid field number 0");
    return tag;
  }

  /** An integer; of longer ones the low 32 bits, unsigned. */
  readVarint32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#readByte();
      // The fifth byte has room for four bits; the shift drops the others.
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    for (let count = 5; count < 10; count++) if (this.#readByte() < 0x80) return result >>> 0;
    throw new Error("invalid varint");
  }

  /** A signed 64-bit integer. */
  readInt64(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#readByte();
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, result);
    }
    throw new Error("invalid varint");
  }

  /** A string. Nothing is repaired or left out: a byte order mark is a character like others. */
  readString(): string {
    const length = this.#readLength();
    const start = this.#position;
    const end = start + length;
    this.#position = end;
    if (length <= SHORT_STRING_BYTES && this.#isAscii(start, end)) {
      return this.#bytes.toString("latin1", start, end);
    }
    if (!isUtf8(this.#bytes.subarray(start, end))) throw new Error("string is not valid UTF-8");
    return this.#bytes.toString("utf8", start, end);
  }

  /** A view of a bytes field: valid for as long as nobody writes to the message's bytes. */
  readBytes(): Buffer {
    const length = this.#readLength();
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** A reader of a message field's content. */
  readMessage(): WireReader {
    const length = this.#readLength();
    this.#position += length;
    return new WireReader(this.#bytes, this.#position - length, this.#position);
  }

  /** Passes over the field that `tag` began. */
  skip(tag: number): void {
    this.#skipNested(tag, 0);
  }

  #skipNested(tag: number, depth: number): void {
    switch (tag & 7) {
      case WireType.varint:
        this.readVarint32();
        return;
      case WireType.fixed64:
        this.#advance(8);
        return;
      case WireType.delimited:
        this.#advance(this.#readLength());
        return;
      case WireType.fixed32:
        this.#advance(4);
        return;
      case WireType.startGroup:
        this.#skipGroup(tag, depth + 1);
        return;
      default:
        throw new Error(`invalid wire type ${tag & 7}`);
    }
  }

  #skipGroup(startTag: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH)
      throw new Error(`groups are nested deeper than ${MAX_GROUP_DEPTH}`);
    for (;;) {
      const tag = this.readTag();
      if ((tag & 7) !== WireType.endGroup) this.#skipNested(tag, depth);
      else if (tag >>> 3 === startTag >>> 3) return;
      else throw new Error("invalid end of group");
    }
  }

  #isAscii(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let index = start; index < end; index++) {
      if ((bytes[index] as number) > 0x7f) return false;
    }
    return true;
  }

  #readLength(): number {
    const length = this.readVarint32();
    if (length > this.#end - this.#position) throw new Error("premature end of message");
    return length;
  }

  #readByte(): number {
    if (this.#position >= this.#end) throw new Error("premature end of message");
    return this.#bytes[this.#position++] as number;
  }

  #advance(count: number): void {
    if (count > this.#end - this.#position) throw new Error("premature end of message");
    this.#position += count;
  }
}
