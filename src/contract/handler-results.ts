import { BYTES_TYPES, bytesFrom } from "./bytes-from.js";
import { describeType } from "./describe-type.js";

/**
 * What the handlers of an author return, which no compiler has checked when they are
 * written in JavaScript. A wrong result is an error in the provider: it is a TypeError
 * for the operator, and never a value that nobody stored.
 */

/** Whether a provider can serve. */
export interface CacheHealth {
  readonly ready: boolean;
  /** Why not, when not ready. */
  readonly message?: string | undefined;
}

/** @param handler - what returned the value, such as `get` */
export function valueFromResult(result: unknown, handler: string): Uint8Array | undefined {
  if (result === undefined || result === null) return undefined;
  const bytes = bytesFrom(result);
  if (bytes !== undefined) return bytes;
  throw wrongResult(handler, `${BYTES_TYPES}, null or undefined`, result);
}

/** @returns a record without a prototype; null and undefined in the result are misses */
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

/** @param handler - `delete` or `touch` */
export function booleanFromResult(result: unknown, handler: string): boolean {
  if (typeof result === "boolean") return result;
  throw wrongResult(handler, "a boolean", result);
}

export function countFromResult(result: unknown): number {
  const count = typeof result === "bigint" ? Number(result) : result;
  if (Number.isSafeInteger(count) && (count as number) >= 0) return count as number;
  throw wrongResult("deleteMany", "a whole number that is not negative", result);
}

/** Undefined and null are no warnings. */
export function warningsFromResult(result: unknown): readonly string[] {
  const warnings: unknown = result ?? [];
  if (Array.isArray(warnings) && warnings.every((warning) => typeof warning === "string")) {
    return warnings;
  }
  throw wrongResult("warnings", "an array of strings", result);
}

/** Anything but an object that has `ready` is ready, as the host's own SDK has it. */
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
