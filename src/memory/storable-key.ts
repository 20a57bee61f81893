import { CacheError } from "../contract/cache-error.js";

/**
 * The length of a key in UTF-8, in bytes.
 *
 * @throws CacheError `invalid_argument` when the key has a lone surrogate: it has no UTF-8
 *   form, and two such keys would become one
 */
export function keyByteLength(key: string): number {
  assertStorableKey(key);
  return Buffer.byteLength(key);
}

/** Checks that a key has a UTF-8 form, as {@link keyByteLength} does. */
export function assertStorableKey(key: string): void {
  if (key.isWellFormed()) return;
  throw new CacheError("invalid_argument", "key must be well-formed Unicode");
}
