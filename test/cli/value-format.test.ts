import { expect, test } from "vitest";
import { bytesFromBase64, formatValue, parseWord } from "../../src/cli/client/value-format.js";

test.each([
  ["text with ä, 😀 and a tab\t", "text with ä, 😀 and a tab\t\n"],
  ["", "\n"],
  ["\u001B[31m", "1b5b33316d\n"],
  ["a\0b", "610062\n"],
  ["two\r\nlines", "two\r\nlines\n"],
  ["over\rwritten", `${Buffer.from("over\rwritten").toString("hex")}\n`],
  ["\u009b31m", "c29b33316d\n"],
  ["\u007f", "7f\n"],
  ["\u202egnp.exe", `e280ae${Buffer.from("gnp.exe").toString("hex")}\n`],
])("formatValue shows %j on a terminal as %j", (text, shown) => {
  expect(formatValue(Buffer.from(text), { isTerminal: true })).toBe(shown);
});

test("formatValue shows bytes that are not text on a terminal as hex", () => {
  expect(formatValue(Uint8Array.of(0xc3, 0x28), { isTerminal: true })).toBe("c328\n");
});

test("formatValue returns the bytes unchanged without a terminal", () => {
  const value = Uint8Array.of(0xc3, 0x28, 0);
  expect(formatValue(value, { isTerminal: false })).toBe(value);
  expect(formatValue(value, { format: "raw", isTerminal: true })).toBe(value);
});

test("formatValue escapes control characters of text on a terminal only", () => {
  const value = Buffer.from("a\u001b[2J\u009b\tä");
  const format = "text";
  expect(formatValue(value, { format, isTerminal: true })).toBe("a\\u001b[2J\\u009b\\tä\n");
  expect(formatValue(value, { format, isTerminal: false })).toBe("a\u001b[2J\u009b\tä\n");
});

test("formatValue fails to write bytes that are not UTF-8 as text", () => {
  const value = Uint8Array.of(0xc3, 0x28);
  for (const isTerminal of [true, false]) {
    expect(() => formatValue(value, { format: "text", isTerminal })).toThrow(
      "the value is not UTF-8 text; use --format raw, hex or base64",
    );
  }
});

test.each(["", "AA==", "AA", "AAA=", "AAA", "AAAA", "+/+/", "AP/DpA=="])(
  "bytesFromBase64 reads %j",
  (text) => {
    // As openssl and coreutils write them, with and without padding.
    expect(Buffer.from(bytesFromBase64(text) ?? []).toString("base64url")).toBe(
      text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
    );
  },
);

test.each([
  "A",
  "A===",
  "AA=",
  "AAA==",
  "AAAA=",
  "AB==",
  "AAB=",
  "AB",
  "A A=",
  "AA==\n",
  "-_-_",
  "ä",
  "AA==AA==",
  "=",
  "AAAA!",
])("bytesFromBase64 rejects %j", (text) => {
  expect(bytesFromBase64(text)).toBeUndefined();
  expect(() => parseWord(text, "base64")).toThrow("the value is not base64");
});

test.each(["0", "0g", "00 ff", "0x00", "ä", "\u0130\u0130", "00\n"])(
  "parseWord rejects %j as hex",
  (text) => {
    expect(() => parseWord(text, "hex")).toThrow("the value is not hex");
  },
);
