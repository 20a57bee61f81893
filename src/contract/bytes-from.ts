import { types } from "node:util";
import { argumentName } from "./argument-name.js";
import { CacheError } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/** The types that {@link bytesFrom} reads, as error messages name them. */
export const BYTES_TYPES = "a Uint8Array (such as a Buffer), a DataView or an ArrayBuffer";

/**
 * The bytes of a value. It reads a Uint8Array (a Buffer is one), a DataView, an ArrayBuffer and
 * a SharedArrayBuffer, of any realm. Nothing is copied: the result is a view of the same memory,
 * and a Uint8Array is returned as it is.
 *
 * @returns undefined for any other value. A string has no bytes until an encoding is chosen.
 *   Elements of an array or of another typed array may be larger than a byte. A detached
 *   (transferred) buffer has lost its memory.
 */
export function bytesFrom(value: unknown): Uint8Array | undefined {
  if (types.isUint8Array(value)) {
    return value.length === 0 && isDetached(value.buffer) ? undefined : value;
  }
  if (types.isAnyArrayBuffer(value)) return isDetached(value) ? undefined : new Uint8Array(value);
  if (!types.isDataView(value) || isDetached(value.buffer)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * The bytes of a value to be stored, as {@link bytesFrom} reads them.
 *
 * @param name - the argument, such as `value` or `entries[].value`
 * @param index - the position in a list, from 0; see {@link argumentName}
 * @throws CacheError `invalid_argument` for a value of any other type, or a detached buffer
 */
export function parseValue(value: unknown, name = "value", index?: number): Uint8Array {
  const bytes = bytesFrom(value);
  if (bytes !== undefined) return bytes;
  const got = isDetachedBuffer(value) ? "a detached ArrayBuffer" : describeType(value);
  throw new CacheError(
    "invalid_argument",
    `${argumentName(name, index)} must be ${BYTES_TYPES} (got ${got})`,
  );
}

function isDetachedBuffer(value: unknown): boolean {
  if (types.isAnyArrayBuffer(value)) return isDetached(value);
  return types.isArrayBufferView(value) && isDetached(value.buffer);
}

/** Node 20 has no `ArrayBuffer.prototype.detached`; a view of a detached buffer throws. */
function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
