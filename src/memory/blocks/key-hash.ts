import { randomBytes } from "node:crypto";

/** A keyed hash of the first `length` bytes: a signed 32-bit integer. */
export type KeyHash = (bytes: Uint8Array, length: number) => number;

/**
 * Creates HalfSipHash-1-3 with a random key. Cache keys often come from outside (a session id, a
 * URL). With a predictable hash, an attacker could choose keys that all fall into one bucket.
 *
 * @param seed - eight bytes
 */
export function createKeyHash(seed: Uint8Array = randomBytes(8)): KeyHash {
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  const k0 = view.getInt32(0, true);
  const k1 = view.getInt32(4, true);

  return (bytes, length) => {
    let v0 = k0;
    let v1 = k1;
    let v2 = 0x6c796765 ^ k0;
    let v3 = 0x74656462 ^ k1;
    const wholeWords = length & ~3;
    // The words of the input, one for its tail and its length, and three final rounds.
    const rounds = (wholeWords >>> 2) + 1 + 3;
    for (let round = 0; round < rounds; round++) {
      const at = round << 2;
      let word = 0;
      if (at < wholeWords) {
        word =
          (bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24);
      } else if (at === wholeWords) {
        word = length << 24;
        for (let i = 0; at + i < length; i++) word |= (bytes[at + i] as number) << (i << 3);
      } else if (at === wholeWords + 4) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  };
}
