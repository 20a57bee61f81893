import { beforeEach, expect, test } from "vitest";
import { recycleBuffer, takeSpareBuffer } from "../../../src/server/limits/spare-buffers.js";

const MIB = 2 ** 20;

beforeEach(() => {
  while (takeSpareBuffer(0, Infinity) !== undefined);
});

test("a large buffer is kept for one later request", () => {
  const buffer = Buffer.allocUnsafeSlow(MIB);
  recycleBuffer(buffer);
  expect(takeSpareBuffer(1, MIB)).toBe(buffer);
  expect(takeSpareBuffer(1, MIB)).toBeUndefined();
});

test("a request gets a buffer that is large enough, and no larger than it may be", () => {
  recycleBuffer(Buffer.allocUnsafeSlow(MIB));
  expect(takeSpareBuffer(MIB + 1, 4 * MIB)).toBeUndefined();
  expect(takeSpareBuffer(1, MIB - 1)).toBeUndefined();
  expect(takeSpareBuffer(MIB, MIB)?.length).toBe(MIB);
});

test("the buffers that are kept have at most 4 MiB, and the oldest gives way", () => {
  const buffers = Array.from({ length: 5 }, () => Buffer.allocUnsafeSlow(MIB));
  for (const buffer of buffers) recycleBuffer(buffer);
  expect(buffers.map(({ length }) => length)).toEqual([0, MIB, MIB, MIB, MIB]);
  for (const buffer of buffers.slice(1)) expect(takeSpareBuffer(1, MIB) === buffer).toBe(true);
});

test.each([
  [65_536, 0],
  [255 * 1024, 0],
  [4 * MIB + 1, 0],
  [65_535, 65_535],
])("a buffer of %i bytes is not kept, and its length becomes %i", (length, left) => {
  const buffer = Buffer.allocUnsafeSlow(length);
  recycleBuffer(buffer);
  expect(takeSpareBuffer(1, Infinity)).toBeUndefined();
  expect(buffer.length).toBe(left);
});

test("a view of a part of a buffer leaves the buffer alone", () => {
  const whole = Buffer.allocUnsafeSlow(5 * MIB);
  recycleBuffer(whole.subarray(0, 4 * MIB + 1));
  expect(whole.length).toBe(5 * MIB);
});
