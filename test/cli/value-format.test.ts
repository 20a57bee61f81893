import { expect, test } from "vitest";
import { formatValue } from "../../src/cli/client/value-format.js";
import { parseDurationMs } from "../../src/cli/duration-text.js";

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

test.each([
  ["250ms", 250],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  ["0s", 0],
  ["5", undefined],
  ["", undefined],
  ["-5s", undefined],
  ["5 s", undefined],
  ["1e3s", undefined],
  ["5w", undefined],
])("%j is %s ms", (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});
