import { assertKey } from "./assert-key.js";
import { parseValue } from "./bytes-from.js";
import { CacheError } from "./cache-error.js";
import type { CacheEntry } from "./cache-entry.js";
import { describeType } from "./describe-type.js";

/**
 * Reads the keys of a batch: an array, which is returned as it is, or another iterable. May be
 * empty.
 *
 * @throws CacheError `invalid_argument` for any other value, a string included, and for the
 *   first key that {@link assertKey} refuses, with its position
 */
export function parseKeys(keys: unknown): readonly string[] {
  const list = listFrom(keys, "keys", "strings");
  for (let index = 0; index < list.length; index++) assertKey(list[index], "keys[]", index);
  return list as readonly string[];
}

/**
 * Reads the entries of a batch: an array or another iterable. May be empty.
 *
 * @throws CacheError `invalid_argument` for any other value, and for the first entry with a
 *   wrong key or value, with its position
 */
export function parseEntries(entries: unknown): readonly CacheEntry[] {
  const list = listFrom(entries, "entries", "{ key, value } objects");
  let areUint8Arrays = true;
  for (let index = 0; index < list.length; index++) {
    areUint8Arrays =
      valueOf(list[index], index) === (list[index] as CacheEntry).value && areUint8Arrays;
  }
  if (areUint8Arrays) return list as readonly CacheEntry[];
  return (list as readonly CacheEntry[]).map(({ key, value }) => ({
    key,
    value: parseValue(value),
  }));
}

/** Checks an entry and returns the bytes of its value. */
function valueOf(entry: unknown, index: number): Uint8Array {
  if (typeof entry !== "object" || entry === null) {
    throw new CacheError(
      "invalid_argument",
      `entries[${index}] must be a { key, value } object (got ${describeType(entry)})`,
    );
  }
  const { key, value } = entry as Partial<Record<"key" | "value", unknown>>;
  assertKey(key, "entries[].key", index);
  return parseValue(value, "entries[].value", index);
}

function listFrom(items: unknown, name: string, content: string): readonly unknown[] {
  if (Array.isArray(items)) return items;
  // A string is iterable too, but a caller who passes one means a single key.
  if (typeof items === "object" && items !== null && Symbol.iterator in items) {
    return Array.from(items as Iterable<unknown>);
  }
  throw new CacheError(
    "invalid_argument",
    `${name} must be an array or another iterable of ${content} (got ${describeType(items)})`,
  );
}
