/** A short text as the bytes of a value. */
export function bytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** The value with no bytes: a value like any other. */
export const EMPTY_VALUE = new Uint8Array();

/** A length that shares no factor with the sizes of buffers, which are powers of two. */
const BLOCK_BYTES = 65_537;

/** So many bytes that a cut, padded or shifted copy would not equal. */
export function variedBytes(length: number): Uint8Array {
  const value = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < Math.min(length, BLOCK_BYTES); index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value[index] = state >>> 24;
  }
  for (let filled = BLOCK_BYTES; filled < length; filled *= 2) value.copyWithin(filled, 0, filled);
  return value;
}
