import { argumentName } from "./argument-name.js";
import { CacheError, quoteKey } from "./cache-error.js";
import { describeType } from "./describe-type.js";

/**
 * Checks a key. A key is any well-formed Unicode string, the empty string included: the wire
 * encodes keys as UTF-8.
 *
 * @param name - the argument, such as `key` or `keys[]`
 * @param index - the position in a list, from 0; see {@link argumentName}
 * @throws CacheError `invalid_argument` for any other type, and for a string with a lone
 *   surrogate: encoders replace it, so two different keys would become one
 */
export function assertKey(key: unknown, name = "key", index?: number): asserts key is string {
  if (typeof key === "string" && key.isWellFormed()) return;
  const problem =
    typeof key === "string"
      ? `must be well-formed Unicode, without a lone surrogate (got ${quoteKey(key)})`
      : `must be a string (got ${describeType(key)})`;
  throw new CacheError("invalid_argument", `${argumentName(name, index)} ${problem}`);
}
