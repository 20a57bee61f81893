/** The longest string, in bytes, that is written without a native call. */
const SHORT_STRING_BYTES = 64;

/** Writes protobuf fields in order, into a buffer of a known size. */
export class WireWriter {
  readonly #bytes: Buffer;
  #position: number;

  /**
   * @param maxBytes - the room for the message
   * @param headroom - the bytes before it that stay free
   */
  constructor(maxBytes: number, headroom: number) {
    this.#bytes = Buffer.allocUnsafe(headroom + maxBytes);
    this.#position = headroom;
  }

  /** Returns what has been written, headroom included. */
  finish(): Buffer {
    const bytes = this.#bytes;
    const position = this.#position;
    return position === bytes.length ? bytes : bytes.subarray(0, position);
  }

  /** Writes a `bool` field that is true. */
  writeTrue(tag: number): void {
    this.#bytes[this.#position++] = tag;
    this.#bytes[this.#position++] = 1;
  }

  /** Writes the tag and the length of a field whose content follows. */
  writeLength(tag: number, contentBytes: number): void {
    this.#bytes[this.#position++] = tag;
    this.#writeVarint(contentBytes);
  }

  /** Writes a string field, unless it is empty. */
  writeString(tag: number, text: string, utf8Bytes: number): void {
    if (utf8Bytes === 0) return;
    this.writeLength(tag, utf8Bytes);
    const bytes = this.#bytes;
    const position = this.#position;
    if (utf8Bytes === text.length && utf8Bytes <= SHORT_STRING_BYTES) {
      for (let index = 0; index < utf8Bytes; index++) {
        bytes[position + index] = text.charCodeAt(index);
      }
    } else {
      bytes.write(text, position, "utf8");
    }
    this.#position = position + utf8Bytes;
  }

  /** Writes a bytes field, unless it is empty. */
  writeBytes(tag: number, content: Uint8Array): void {
    if (content.length === 0) return;
    this.writeLength(tag, content.length);
    this.#bytes.set(content, this.#position);
    this.#position += content.length;
  }

  #writeVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#position++] = rest;
  }
}
