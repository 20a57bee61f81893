import { types } from "node:util";
import { argumentName } from "./argument-name.js";
import { CacheError } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/** The types that {@link bytesFrom} reads, as messages show them. */
export const BYTES_TYPES = "a Uint8Array, such as a Buffer, a DataView or an ArrayBuffer";

/**
 * The bytes in a value: in a Uint8Array, of which Buffer is one, in a DataView, an
 * ArrayBuffer or a SharedArrayBuffer, of any realm. The result is a view of the same
 * memory, the very value if it is a Uint8Array.
 *
 * @returns undefined for anything else: a string has no bytes before an encoding is
 *   chosen, an array of numbers and other typed arrays may hold more than a byte in an
 *   element, and the memory of a transferred buffer is lost
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
 * Reads the bytes of a value to be stored: see {@link bytesFrom}.
 *
 * @param name - the argument, such as `value` or `entries[].value`
 * @param index - the place in a list, written into the brackets of `name`
 * @throws CacheError `invalid_argument` for a value that holds no bytes
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
