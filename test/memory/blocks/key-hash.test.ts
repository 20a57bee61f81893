import { expect, test } from "vitest";
import { createKeyHash } from "../../../src/memory/blocks/key-hash.js";

const SEED = Uint8Array.from({ length: 8 }, (_, i) => i);

test("the key hash ignores the bytes after the key in the buffer", () => {
  const hash = createKeyHash(SEED);
  for (let length = 0; length <= 20; length++) {
    const a = new Uint8Array(32).fill(1);
    const b = new Uint8Array(32).fill(2);
    for (let i = 0; i < length; i++) a[i] = b[i] = i * 3;
    expect(hash(a, length)).toBe(hash(b, length));
  }
});

test("the key hash depends on every byte, the length and the seed", () => {
  const hash = createKeyHash(SEED);
  const other = createKeyHash(SEED.map((byte) => byte ^ 0x55));
  const bytes = new Uint8Array(19);
  const seen = new Set([hash(bytes, 19), hash(bytes, 18), other(bytes, 19)]);
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i] = 1;
    seen.add(hash(changed, 19));
  }
  expect(seen.size).toBe(3 + bytes.length);
});

test("the key hash spreads consecutive keys evenly over buckets", () => {
  const hash = createKeyHash();
  const buckets = new Array<number>(256).fill(0);
  for (let i = 0; i < 25_600; i++) {
    const bytes = Buffer.from(`session:${i}`);
    const bucket = hash(bytes, bytes.length) & 255;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  // Expected: 100 in each bucket, with a standard deviation of 10. 60 more or less is not chance.
  expect(Math.min(...buckets)).toBeGreaterThan(40);
  expect(Math.max(...buckets)).toBeLessThan(160);
});
