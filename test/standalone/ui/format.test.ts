import { expect, test } from "vitest";
import { formatBytes, formatDuration } from "../../../src/standalone/ui/page/format.js";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536 * 1024, "1.5 MiB"],
  [200 * 1024 ** 3, "200 GiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1s"],
  [59_999, "59s"],
  [243_000, "4m 03s"],
  [3_600_000, "1h 00m"],
  [90_061_000, "1d 01h"],
  [31_536_000_000 * 10_000, "10,000y 00d"],
])("%d ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
