import { expect, test } from "vitest";
import { formatValue } from "../../src/cli/client/value-format.js";

test.each([
  ["text with ä, 😀 and a tab\t", "text with ä, 😀 and a tab\t\n"],
  ["", "\n"],
  ["\u001B[31m", "1b5b33316d\n"],
  ["a\0b", "610062\n"],
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
