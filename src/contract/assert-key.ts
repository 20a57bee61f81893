import { argumentName } from "./argument-name.js";
import { CacheError, quoteKey } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/**
 * Checks a key: any string that UTF-8 can hold, the empty one included.
 *
 * @param name - the argument, such as `key` or `keys[]`
 * @param index - the place in a list, written into the brackets of `name`
 * @throws CacheError `invalid_argument` for anything but a string, and for a string with
 *   half of a surrogate pair: encoders replace it, so that two such keys become one
 */
export function assertKey(key: unknown, name = "key", index?: number): asserts key is string {
  if (typeof key === "string" && key.isWellFormed()) return;
  const problem =
    typeof key === "string"
      ? `must be well-formed Unicode, without half of a surrogate pair (got ${quoteKey(key)})`
      : `must be a string (got ${describeType(key)})`;
  throw new CacheError("invalid_argument", `${argumentName(name, index)} ${problem}`);
}
