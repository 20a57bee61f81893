import { escapeControls } from "../../contract/printable-text.js";
import { ExitStatus } from "../exit-status.js";
import { UsageError } from "../usage-error.js";
import { EXIT_FAILED } from "./client-action.js";

/** How bytes are written as text. `raw` is the bytes themselves. */
export const VALUE_FORMATS = ["raw", "text", "hex", "base64"] as const;

/** One of {@link VALUE_FORMATS}. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];

/** How a word of the command line can stand for bytes. */
export const WORD_FORMATS = ["text", "hex", "base64"] as const;

/** One of {@link WORD_FORMATS}. */
export type WordFormat = (typeof WORD_FORMATS)[number];

/**
 * A value as it goes to the output. Through a pipe or into a file: the very bytes.
 * To a terminal, which would act on control characters: text where it is printable
 * text, otherwise hex, and a line break at the end. Text that is asked for has its
 * control characters escaped there.
 *
 * @throws ExitStatus when text is asked for, and the value is not UTF-8
 */
export function formatValue(
  value: Uint8Array,
  { format, isTerminal }: { format?: ValueFormat | undefined; isTerminal: boolean },
): Uint8Array | string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = textFrom(value);
  switch (format ?? (isTerminal ? (isPrintable(text) ? "text" : "hex") : "raw")) {
    case "raw":
      return value;
    case "text":
      if (text === undefined) {
        throw new ExitStatus(
          EXIT_FAILED,
          "the value is not UTF-8 text; use --format raw, hex or base64",
        );
      }
      return `${isTerminal && !isPrintable(text) ? escapeControls(text) : text}\n`;
    case "hex":
      return `${bytes.toString("hex")}\n`;
    case "base64":
      return `${bytes.toString("base64")}\n`;
  }
}

/** The text that bytes are in UTF-8; undefined when they are none. */
export function textFrom(value: Uint8Array): string | undefined {
  try {
    // The mark is kept: it is a part of the value like any other.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/**
 * The bytes that a word of the command line stands for.
 *
 * @throws UsageError when the word is not of the format
 */
export function parseWord(word: string, format: WordFormat = "text"): Uint8Array {
  switch (format) {
    case "text":
      return Buffer.from(word, "utf8");
    case "hex":
      return bytesFromHex(word) ?? refuse("hex");
    case "base64":
      return bytesFromBase64(word) ?? refuse("base64");
  }
}

/** The bytes that hex digits of either case stand for; undefined for any other text. */
function bytesFromHex(text: string): Uint8Array | undefined {
  // Node stops at the first thing that is no digit, and leaves out a last single one.
  return text.length % 2 !== 0 || /[^0-9a-f]/i.test(text) ? undefined : Buffer.from(text, "hex");
}

/**
 * The bytes that a text in base64 stands for: the standard alphabet, with padding or
 * without it (RFC 4648, section 4). Undefined for any other text, and for one whose
 * last character has bits that belong to no byte.
 */
export function bytesFromBase64(text: string): Uint8Array | undefined {
  // Node skips what it does not know, so only a text that comes back is one.
  const bytes = Buffer.from(text, "base64");
  const padded = bytes.toString("base64");
  return text === padded || text === padded.replace(/=+$/, "") ? bytes : undefined;
}

function refuse(format: WordFormat): never {
  throw new UsageError(`the value is not ${format}`);
}

/** Text that changes nothing on a terminal but what it shows, line by line. */
function isPrintable(text: string | undefined): boolean {
  if (text === undefined) return false;
  const lines = text.replaceAll("\r\n", "").replaceAll(/[\t\n]/g, "");
  return escapeControls(lines) === lines;
}
