import { BYTES_TYPES, bytesFrom } from "./bytes-from.js";
import { describeType } from "./describe-type.js";

/**
 * Checks of what an author's handlers return, for handlers written in JavaScript. A wrong result
 * is a defect of the provider. The operation fails with a TypeError; it never returns a value
 * that was not stored.
 */

/** The result of a health check. */
export interface CacheHealth {
  /** True when the provider can serve. */
  readonly ready: boolean;
  /** The reason when it is not ready. */
  readonly message?: string | undefined;
}

/**
 * The value that a handler returned; undefined for null and undefined, which are misses.
 *
 * @param handler - the handler's name for the error, such as `get`
 * @throws TypeError for a result that holds no bytes
 */
export function valueFromResult(result: unknown, handler: string): Uint8Array | undefined {
  if (result === undefined || result === null) return undefined;
  const bytes = bytesFrom(result);
  if (bytes !== undefined) return bytes;
  throw wrongResult(handler, `${BYTES_TYPES}, null or undefined`, result);
}

/**
 * The values that `getMany` returned, in a record without a prototype. Null and undefined are
 * misses and are left out.
 *
 * @throws TypeError for anything but an object, and for a value that holds no bytes
 */
export function recordFromResult(result: unknown): Record<string, Uint8Array> {
  if (Object.prototype.toString.call(result) !== "[object Object]") {
    throw wrongResult("getMany", "an object with the value of each present key", result);
  }
  const record = Object.create(null) as Record<string, Uint8Array>;
  for (const [key, found] of Object.entries(result as object)) {
    const value = valueFromResult(found, "each value of getMany");
    if (value !== undefined) record[key] = value;
  }
  return record;
}

/**
 * The boolean that a handler returned.
 *
 * @param handler - `delete` or `touch`
 * @throws TypeError for anything else
 */
export function booleanFromResult(result: unknown, handler: string): boolean {
  if (typeof result === "boolean") return result;
  throw wrongResult(handler, "a boolean", result);
}

/**
 * The count that `deleteMany` returned, as a number.
 *
 * @throws TypeError for anything but a number or bigint that is whole and not negative
 */
export function countFromResult(result: unknown): number {
  const count = typeof result === "bigint" ? Number(result) : result;
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
  throw wrongResult("deleteMany", "a whole number that is not negative", result);
}

/**
 * The warnings that a provider returned; empty for undefined and null.
 *
 * @throws TypeError for anything but an array of strings
 */
export function warningsFromResult(result: unknown): readonly string[] {
  const warnings: unknown = result ?? [];
  if (Array.isArray(warnings) && warnings.every((warning) => typeof warning === "string")) {
    return warnings;
  }
  throw wrongResult("warnings", "an array of strings", result);
}

/** The health that a handler returned. As in the host's SDK, a result without `ready` is ready. */
export function healthFromResult(result: unknown): CacheHealth {
  if (typeof result !== "object" || result === null || !("ready" in result)) return { ready: true };
  const { ready, message } = result as { ready: unknown; message?: unknown };
  return typeof message === "string"
    ? { ready: Boolean(ready), message }
    : { ready: Boolean(ready) };
}

function wrongResult(handler: string, expected: string, result: unknown): TypeError {
  const got = typeof result === "number" ? String(result) : describeType(result);
  return new TypeError(`${handler} must return ${expected} (got ${got})`);
}
