import { CacheError } from "../../contract/cache-error.js";

/** Up to this many characters, encoding by hand beats the call of an encoder. */
const SHORT_KEY_LENGTH = 64;

/** A scratch buffer above this size is not kept. */
const KEPT_SCRATCH_BYTES = 64 * 1024;

/**
 * Turns keys into UTF-8 in a buffer of its own, valid until the next call, so
 * that a look-up allocates nothing.
 */
export class KeyEncoder {
  readonly #encoder = new TextEncoder();
  #kept = new Uint8Array(1024);
  /** The buffer that holds the key encoded last. */
  bytes = this.#kept;

  /**
   * Encodes a key and returns its length in bytes.
   * @throws CacheError `invalid_argument` when the key holds half of a
   *   surrogate pair, which has no UTF-8 form: two such keys would become one
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
    if (!key.isWellFormed()) {
      throw new CacheError("invalid_argument", "key must be well-formed Unicode");
    }
    const needed = key.length * 3;
    if (needed > this.bytes.length) {
      this.bytes = new Uint8Array(needed);
      if (needed <= KEPT_SCRATCH_BYTES) this.#kept = this.bytes;
    }
    return this.#encoder.encodeInto(key, this.bytes).written;
  }
}
