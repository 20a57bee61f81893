import type { CacheEntry } from "./cache-entry.js";
import { CacheError, quoteKey } from "./cache-error.js";
import { catchMaybe, forEachInOrder, mapMaybe, type MaybePromise } from "./maybe-promise.js";

/**
 * Reads keys one by one. A key given twice is read once.
 *
 * @param maxBytes - the most bytes of values that the caller can use
 * @throws CacheError `resource_exhausted` as soon as the values exceed `maxBytes`
 */
export function getManyFromGet(
  keys: readonly string[],
  maxBytes: number,
  get: (key: string) => MaybePromise<Uint8Array | undefined>,
): MaybePromise<Record<string, Uint8Array>> {
  const found = Object.create(null) as Record<string, Uint8Array>;
  let bytes = 0;
  const done = forEachInOrder(keys, (key, index) => {
    if (found[key] !== undefined) return;
    const take = (value: Uint8Array | undefined): void => {
      if (value === undefined) return;
      bytes += value.length;
      if (bytes > maxBytes) throw valuesTooLarge(bytes, maxBytes, index, keys.length);
      found[key] = value;
    };
    return atPosition(key, index, keys.length, () => mapMaybe(get(key), take));
  });
  return mapMaybe(done, () => found);
}

/** Writes entries one by one, in order. When a write fails, the entries before it stay written. */
export function setManyFromSet(
  entries: readonly CacheEntry[],
  set: (key: string, value: Uint8Array) => MaybePromise<void>,
): MaybePromise<void> {
  return forEachInOrder(entries, ({ key, value }, index) =>
    atPosition(key, index, entries.length, () => set(key, value)),
  );
}

/** Removes keys one by one and counts the live ones. A key given twice counts once. */
export function deleteManyFromDelete(
  keys: readonly string[],
  remove: (key: string) => MaybePromise<boolean>,
): MaybePromise<number> {
  let removed = 0;
  const seen = new Set<string>();
  const done = forEachInOrder(keys, (key, index) => {
    if (seen.has(key)) return;
    seen.add(key);
    const count = (deleted: boolean): void => {
      if (deleted) removed++;
    };
    return atPosition(key, index, keys.length, () => mapMaybe(remove(key), count));
  });
  return mapMaybe(done, () => removed);
}

function valuesTooLarge(bytes: number, limit: number, index: number, count: number): CacheError {
  return new CacheError(
    "resource_exhausted",
    `the values of the first ${index + 1} of ${count} keys have ${bytes} bytes, above the limit of ${limit}: ` +
      "request fewer keys per call",
  );
}

/** Runs one step of a batch and adds the entry's position and key to its error. */
function atPosition(
  key: string,
  index: number,
  count: number,
  step: () => MaybePromise<void>,
): MaybePromise<void> {
  return catchMaybe(step, (error) => {
    if (!(error instanceof CacheError)) throw error;
    const where = `entry ${index + 1} of ${count} (key ${quoteKey(key)})`;
    throw new CacheError(error.code, `${where}: ${error.message}`, { cause: error });
  });
}
