import { UsageError } from "../usage-error.js";

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
 * To a terminal, which control characters would confuse: text where it is text,
 * otherwise hex, and a line break at the end.
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
      return `${text ?? bytes.toString("utf8")}\n`;
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
      if (!/^(?:[0-9a-f]{2})*$/i.test(word)) throw new UsageError("the value is not hex");
      return Buffer.from(word, "hex");
    case "base64":
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}={0,2})?$/.test(word)) {
        throw new UsageError("the value is not base64");
      }
      return Buffer.from(word, "base64");
  }
}

/** Text without control characters, but for tabs and line breaks. */
function isPrintable(text: string | undefined): boolean {
  return text !== undefined && !/[^\P{Cc}\t\n\r]/u.test(text);
}
