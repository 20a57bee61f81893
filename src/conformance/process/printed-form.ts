/** Bits of a character of base64. */
const BASE64_BITS = 6;

/**
 * How a text shows a value, in words that follow "the value": as text, as numbers with any
 * separators, or within a longer base64. Line breaks are ignored.
 *
 * @param value - printable ASCII without white space, long enough that no text shows it by chance
 * @returns undefined for a text that does not show the value
 */
export function printedFormOf(value: string, text: string): string | undefined {
  const bytes = Buffer.from(value);
  const compact = text.replaceAll(/\s/g, "");
  if (compact.includes(value)) return "as text";
  // The 0 of a prefix such as 0x63 is a digit, too.
  const hexDigits = text.toLowerCase().replaceAll(/0x|[^\da-f]/g, "");
  if (hexDigits.includes(bytes.toString("hex"))) return "in hexadecimal";
  const numbers = text.replaceAll(/\D+/g, ",");
  // JSON.stringify writes a Uint8Array as an object: {"0":99,"1":111}.
  const lists = [bytes.join(","), [...bytes].flatMap((byte, index) => [index, byte]).join(",")];
  if (lists.some((list) => numbers.includes(list))) return "as decimal numbers";
  const base64 = compact.replaceAll("-", "+").replaceAll("_", "/");
  return [0, 1, 2].some((before) => base64.includes(base64Within(bytes, before)))
    ? "in base64"
    : undefined;
}

/** The characters of base64 that depend on these bytes alone, with so many bytes before them. */
function base64Within(bytes: Uint8Array, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const end = ((before + bytes.length) * 8) / BASE64_BITS;
  return encoded.slice(Math.ceil((before * 8) / BASE64_BITS), Math.floor(end));
}
