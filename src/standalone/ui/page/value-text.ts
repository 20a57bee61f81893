/** How a value is shown. */
export type ValueFormat = "text" | "json" | "hex";

/** The most bytes of a value that are shown. */
const MAX_SHOWN_BYTES = 65_536;

/** The bytes of a line of hex. */
const LINE_BYTES = 16;

/** The format in which a value is read best: JSON, text, or hex for what is no text. */
export function bestFormat(value: Uint8Array): ValueFormat {
  const text = decode(value);
  if (text === undefined || /[^\P{Cc}\t\n\r]/u.test(text)) return "hex";
  return /^\s*[[{]/.test(text) && indented(text) !== undefined ? "json" : "text";
}

/** A value in a format. What cannot be shown so is shown as hex, or as text; long ones are cut. */
export function showValue(value: Uint8Array, format: ValueFormat): string {
  const shown = value.subarray(0, MAX_SHOWN_BYTES);
  const left = value.length - shown.length;
  const rest = left === 0 ? "" : `\n… and ${left.toLocaleString("en")} bytes`;
  if (format === "hex") return hexDump(shown) + rest;
  const text = left === 0 ? decode(shown) : new TextDecoder().decode(shown);
  if (text === undefined) return `(not UTF-8; as hex)\n${hexDump(shown)}`;
  if (format === "json" && left === 0) return indented(text) ?? `(not JSON; as text)\n${text}`;
  return text + rest;
}

/** A value as it can be edited: text, or its hex digits when it is no text. */
export function editableValue(value: Uint8Array): { format: "text" | "hex"; text: string } {
  const text = decode(value);
  // A text field has line feeds only.
  if (text !== undefined && !/[^\P{Cc}\t\n]/u.test(text)) return { format: "text", text };
  return { format: "hex", text: Array.from(value, hexByte).join(" ") };
}

/**
 * The bytes of a value that was typed in.
 *
 * @throws Error when hex has other characters than pairs of hex digits and space between them
 */
export function parseValue(text: string, format: string): Uint8Array<ArrayBuffer> {
  if (format !== "hex") return new TextEncoder().encode(text);
  const digits = text.replace(/\s+/g, "");
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw new Error("hex is pairs of the digits 0 to 9 and a to f, such as 00 ff");
  }
  const pairs = digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function decode(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

function indented(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

/** Lines of an offset, sixteen bytes, and their ASCII characters. */
function hexDump(value: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < value.length; start += LINE_BYTES) {
    const bytes = value.subarray(start, start + LINE_BYTES);
    const hex = Array.from(bytes, hexByte)
      .join(" ")
      .padEnd(3 * LINE_BYTES - 1);
    const ascii = Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    );
    lines.push(`${start.toString(16).padStart(8, "0")}  ${hex}  ${ascii.join("")}`);
  }
  return lines.join("\n");
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
