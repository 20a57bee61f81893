import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { compress, decompress } from "../../src/release/archive/gzip.js";

const PLAIN = Buffer.concat([Buffer.from("text ".repeat(500)), randomBytes(500)]);

test("a compressed file is reproducible, and other programs unpack it", () => {
  const packed = compress(PLAIN);
  expect(packed.subarray(0, 10)).toEqual(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]));
  expect(compress(PLAIN).equals(packed)).toBe(true);
  expect(gunzipSync(packed).equals(PLAIN)).toBe(true);
  expect(decompress(packed, PLAIN.length).equals(PLAIN)).toBe(true);
});

test("every changed byte of a compressed file is detected or has no effect", () => {
  const packed = compress(PLAIN);
  let unnoticed = 0;
  for (let offset = 0; offset < packed.length; offset++) {
    const tampered = Buffer.from(packed);
    tampered[offset] = (tampered[offset] ?? 0) ^ 0x10;
    try {
      expect(decompress(tampered, PLAIN.length).equals(PLAIN)).toBe(true);
      unnoticed++;
    } catch {
      // Noticed.
    }
  }
  // Unused bits at the end of the data.
  expect(unnoticed).toBeLessThanOrEqual(1);
});

test.each([
  ["something behind the end", Buffer.concat([compress(PLAIN), Buffer.from([0])])],
  ["a second member", Buffer.concat([compress(PLAIN), compress(PLAIN)])],
  ["a cut end", compress(PLAIN).subarray(0, -1)],
  ["an empty file", Buffer.alloc(0)],
  ["a bomb", compress(Buffer.alloc(PLAIN.length + 1))],
  ["a header with a time", gzipSync(PLAIN)],
])("decompress fails for %s", (_, bytes) => {
  expect(() => decompress(bytes, PLAIN.length)).toThrow();
});
