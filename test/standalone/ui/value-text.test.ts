import { describe, expect, test } from "vitest";
import {
  bestFormat,
  editableValue,
  parseValue,
  showValue,
} from "../../../src/standalone/ui/page/value-text.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['{"a":1}', "json"],
  [" [1]", "json"],
  ["{not json", "text"],
  ["12", "text"],
  ["tab\tline\r\n", "text"],
  ["", "text"],
  ["nul\0", "hex"],
])("%j is shown as %s", (text, format) => {
  expect(bestFormat(bytes(text))).toBe(format);
});

test("bytes that are not UTF-8 are shown as hex", () => {
  const value = Uint8Array.of(0xff, 0x41);
  expect(bestFormat(value)).toBe("hex");
  expect(showValue(value, "hex")).toMatch(/^00000000 {2}ff 41 +\.A$/);
  expect(showValue(value, "text")).toMatch(/^\(not UTF-8; as hex\)\n00000000/);
});

test("JSON is indented, and other text is shown as it is", () => {
  expect(showValue(bytes('{"a":[1]}'), "json")).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(showValue(bytes("plain"), "json")).toBe("(not JSON; as text)\nplain");
});

test("a hex dump has sixteen bytes a line", () => {
  const lines = showValue(new Uint8Array(33), "hex").split("\n");
  expect(lines.map((line) => line.slice(0, 8))).toEqual(["00000000", "00000010", "00000020"]);
});

test.each(["text", "json", "hex"] as const)("a long value is cut, as %s", (format) => {
  const shown = showValue(bytes("x".repeat(100_000)), format);
  expect(shown).toMatch(/… and 34,464 bytes$/);
});

describe("a value in the editor", () => {
  test.each([bytes("line\nnext\t€"), Uint8Array.of(0, 255, 16), bytes("a\r\nb"), bytes("")])(
    "%j is parsed back to the same bytes",
    (value) => {
      const { format, text } = editableValue(value);
      expect(parseValue(text, format)).toEqual(value);
    },
  );

  test("in hex may have spaces between pairs", () => {
    expect(parseValue("00 ff\n0A", "hex")).toEqual(Uint8Array.of(0, 255, 10));
  });

  test.each(["0", "0g", "0x00"])("%j is not valid hex", (text) => {
    expect(() => parseValue(text, "hex")).toThrow("hex is pairs of the digits");
  });
});
