import { assertKey } from "../../contract/assert-key.js";

/** Up to this many characters a loop is faster than a call of TextEncoder. */
const SHORT_KEY_LENGTH = 64;

/** A larger buffer, in bytes, is not kept for the next key. */
const KEPT_SCRATCH_BYTES = 64 * 1024;

/** Encodes keys as UTF-8 into a reused buffer, so that a lookup allocates nothing. */
export class KeyEncoder {
  readonly #encoder = new TextEncoder();
  #kept = new Uint8Array(1024);
  /** The buffer with the encoded key, valid until the next call of {@link KeyEncoder.encode}. */
  bytes = this.#kept;

  /**
   * Encodes a key and returns its length in bytes.
   *
   * @throws CacheError `invalid_argument` for a key with a lone surrogate
   */
  encode(key: string): number {
    if (this.bytes !== this.#kept) this.bytes = this.#kept;
    const { length } = key;
    if (length > SHORT_KEY_LENGTH) return this.#encodeAny(key);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      if (code >= 0x80) return this.#encodeAny(key);
      bytes[i] = code;
    }
    return length;
  }

  #encodeAny(key: string): number {
    assertKey(key);
    const needed = key.length * 3;
    if (needed > this.bytes.length) {
      this.bytes = new Uint8Array(needed);
      if (needed <= KEPT_SCRATCH_BYTES) this.#kept = this.bytes;
    }
    return this.#encoder.encodeInto(key, this.bytes).written;
  }
}
