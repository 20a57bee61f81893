/** A short text as the bytes of a value. */
export function bytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** The value with no bytes: a value like any other. */
export const EMPTY_VALUE = new Uint8Array();

/** So many bytes without a pattern that a shorter or shifted copy would share. */
export function variedBytes(length: number): Uint8Array {
  const value = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    value[index] = state >>> 24;
  }
  return value;
}
