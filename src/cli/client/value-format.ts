import { escapeControls } from "../../contract/printable-text.js";
import { ExitStatus } from "../exit-status.js";
import { UsageError } from "../usage-error.js";
import { EXIT_FAILED } from "./client-action.js";

/** The output formats of a value. `raw` writes the bytes unchanged. */
export const VALUE_FORMATS = ["raw", "text", "hex", "base64"] as const;

/** One of {@link VALUE_FORMATS}. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];

/** The formats of a value in a command-line argument. */
export const WORD_FORMATS = ["text", "hex", "base64"] as const;

/** One of {@link WORD_FORMATS}. */
export type WordFormat = (typeof WORD_FORMATS)[number];

/**
 * Formats a value for output. Without a format, a pipe or a file gets the bytes unchanged; a
 * terminal gets printable text or otherwise hex, with a line break. With the format `text`,
 * control characters are escaped on a terminal.
 *
 * @throws ExitStatus for the format `text` when the value is not UTF-8
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

/** Decodes bytes as UTF-8; undefined when they are not UTF-8. */
export function textFrom(value: Uint8Array): string | undefined {
  try {
    // A byte order mark is part of the value.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/**
 * Reads the bytes of a value from a command-line argument.
 *
 * @throws UsageError when the argument does not have the format
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

/** Decodes hex digits of either case; undefined for any other text. */
function bytesFromHex(text: string): Uint8Array | undefined {
  // Node stops at the first other character, and ignores a single digit at the end.
  return text.length % 2 !== 0 || /[^0-9a-f]/i.test(text) ? undefined : Buffer.from(text, "hex");
}

/**
 * Decodes base64 with the standard alphabet (RFC 4648, section 4), with or without padding.
 *
 * @returns undefined for any other text, and for a text with unused bits that are not zero
 */
export function bytesFromBase64(text: string): Uint8Array | undefined {
  // Node skips characters that it does not know, so the result is encoded again and compared.
  const bytes = Buffer.from(text, "base64");
  const padded = bytes.toString("base64");
  return text === padded || text === padded.replace(/=+$/, "") ? bytes : undefined;
}

function refuse(format: WordFormat): never {
  throw new UsageError(`the value is not ${format}; see --format`);
}

/** True for text without control characters other than tabs and line breaks. */
function isPrintable(text: string | undefined): boolean {
  if (text === undefined) return false;
  const lines = text.replaceAll("\r\n", "").replaceAll(/[\t\n]/g, "");
  return escapeControls(lines) === lines;
}
