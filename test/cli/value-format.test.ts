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
])("on a terminal %j is %j", (text, shown) => {
  expect(formatValue(Buffer.from(text), { isTerminal: true })).toBe(shown);
});

test("on a terminal bytes that are no text are hex", () => {
  expect(formatValue(Uint8Array.of(0xc3, 0x28), { isTerminal: true })).toBe("c328\n");
});

test("elsewhere the bytes are what they are", () => {
  const value = Uint8Array.of(0xc3, 0x28, 0);
  expect(formatValue(value, { isTerminal: false })).toBe(value);
  expect(formatValue(value, { format: "raw", isTerminal: true })).toBe(value);
});

test("text that is asked for has its control characters escaped on a terminal only", () => {
  const value = Buffer.from("a\u001b[2J\u009b\tä");
  const format = "text";
  expect(formatValue(value, { format, isTerminal: true })).toBe("a\\u001b[2J\\u009b\\tä\n");
  expect(formatValue(value, { format, isTerminal: false })).toBe("a\u001b[2J\u009b\tä\n");
});

test("bytes that are no text are not written as text", () => {
  const value = Uint8Array.of(0xc3, 0x28);
  for (const isTerminal of [true, false]) {
    expect(() => formatValue(value, { format: "text", isTerminal })).toThrow(
      "the value is not UTF-8 text; use --format raw, hex or base64",
    );
  }
});

test.each(["", "AA==", "AA", "AAA=", "AAA", "AAAA", "+/+/", "AP/DpA=="])("%j is base64", (text) => {
  // What openssl and coreutils write, with and without padding.
  expect(Buffer.from(bytesFromBase64(text) ?? []).toString("base64url")).toBe(
    text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
  );
});

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
])("%j is not base64", (text) => {
  expect(bytesFromBase64(text)).toBeUndefined();
  expect(() => parseWord(text, "base64")).toThrow("the value is not base64");
});

test.each(["0", "0g", "00 ff", "0x00", "ä", "\u0130\u0130", "00\n"])("%j is not hex", (text) => {
  expect(() => parseWord(text, "hex")).toThrow("the value is not hex");
});
