/**
 * Enough of HPACK (RFC 7541) to read the headers of gRPC clients: the static and the dynamic
 * table, and Huffman codes of up to 15 bits, which are those of printable ASCII.
 */

/** One header field. */
export type Field = readonly [name: string, value: string];

/** Appendix A, in order. */
const STATIC_TABLE: readonly Field[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  ...["200", "204", "206", "304", "400", "404", "500"].map((code): Field => [":status", code]),
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ...(
    "accept-language accept-ranges accept access-control-allow-origin age allow authorization " +
    "cache-control content-disposition content-encoding content-language content-length " +
    "content-location content-range content-type cookie date etag expect expires from host " +
    "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link " +
    "location max-forwards proxy-authenticate proxy-authorization range referer refresh " +
    "retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary " +
    "via www-authenticate"
  )
    .split(" ")
    .map((name): Field => [name, ""]),
];

/** What an entry of the dynamic table costs beside its name and value. */
const ENTRY_OVERHEAD = 32;

/**
 * Appendix B: symbols by the length of their code. The code is canonical, so that codes follow
 * from the lengths: they count upwards, first by length, then by symbol.
 */
const SYMBOLS_BY_LENGTH: readonly (readonly [bits: number, symbols: string])[] = [
  [5, "012aceiost"],
  [6, " %-./3456789=A_bdfghlmnpru"],
  [7, ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"],
  [8, "&*,;XZ"],
  [10, '!"()?'],
  [11, "'+|"],
  [12, "#>"],
  [13, "\0$@[]~"],
  [14, "^}"],
  [15, "<`{"],
];

const HUFFMAN = new Map<number, string>();
{
  let code = 0;
  let previousBits = 0;
  for (const [bits, symbols] of SYMBOLS_BY_LENGTH) {
    code <<= bits - previousBits;
    previousBits = bits;
    // A leading one keeps codes of different lengths apart.
    for (const symbol of symbols) HUFFMAN.set((1 << bits) | code++, symbol);
  }
}

/** Decodes the header blocks of one connection, in order. */
export class HpackDecoder {
  readonly #dynamic: Field[] = [];
  #size = 0;
  #maxSize = 4096;
  #block: Uint8Array = new Uint8Array();
  #at = 0;

  /** @throws Error for a block that breaks RFC 7541 or needs a longer Huffman code */
  decode(block: Uint8Array): Field[] {
    this.#block = block;
    this.#at = 0;
    const fields: Field[] = [];
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      if (first & 0x80) fields.push(this.#field(this.#integer(7)));
      else if (first & 0x40) fields.push(this.#remember(this.#literal(6)));
      else if (first & 0x20) this.#resize(this.#integer(5));
      else fields.push(this.#literal(4));
    }
    return fields;
  }

  #literal(prefixBits: number): Field {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#field(index)[0];
    return [name, this.#string()];
  }

  #field(index: number): Field {
    const field = STATIC_TABLE[index - 1] ?? this.#dynamic[index - 1 - STATIC_TABLE.length];
    if (field === undefined) throw new Error(`no header field with index ${index}`);
    return field;
  }

  #remember(field: Field): Field {
    this.#dynamic.unshift(field);
    this.#size += sizeOf(field);
    this.#evict();
    return field;
  }

  #resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#maxSize) {
      const last = this.#dynamic.pop();
      if (last === undefined) return;
      this.#size -= sizeOf(last);
    }
  }

  #integer(prefixBits: number): number {
    const max = (1 << prefixBits) - 1;
    let value = this.#byte() & max;
    if (value < max) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      if (shift > 21) throw new Error("an integer is too large");
    }
  }

  #string(): string {
    const isHuffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    this.#at += length;
    return isHuffman ? decodeHuffman(bytes) : Buffer.from(bytes).toString("latin1");
  }

  #byte(): number {
    const byte = this.#block[this.#at++];
    if (byte === undefined) throw new Error("the header block ends early");
    return byte;
  }
}

function sizeOf([name, value]: Field): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}

function decodeHuffman(bytes: Uint8Array): string {
  let decoded = "";
  let code = 1;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      const symbol = HUFFMAN.get(code);
      if (symbol !== undefined) {
        decoded += symbol;
        code = 1;
      } else if (code >= 2 ** 16) {
        throw new Error("a Huffman code of more than 15 bits");
      }
    }
  }
  return decoded;
}
