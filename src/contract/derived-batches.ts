import type { CacheEntry } from "./cache-entry.js";
import { CacheError, quoteKey } from "./cache-error.js";
import { catchMaybe, forEachInOrder, mapMaybe, type MaybePromise } from "./maybe-promise.js";

/**
 * Reads keys one by one. A key given twice is read once.
 *
 * @param maxBytes - how many bytes of values the caller can use
 * @throws CacheError `resource_exhausted` when there are more
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
      if (bytes > maxBytes) throw tooMuchToRead(bytes, maxBytes, index, keys.length);
      found[key] = value;
    };
    return atPosition(key, index, keys.length, () => mapMaybe(get(key), take));
  });
  return mapMaybe(done, () => found);
}

/** Writes entries one by one, in order. Those before one that fails stay written. */
export function setManyFromSet(
  entries: readonly CacheEntry[],
  set: (key: string, value: Uint8Array) => MaybePromise<void>,
): MaybePromise<void> {
  return forEachInOrder(entries, ({ key, value }, index) =>
    atPosition(key, index, entries.length, () => set(key, value)),
  );
}

/** Removes keys one by one, and returns how many were there. A key given twice counts once. */
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

/** The error of a batch that has read more bytes than its caller can use. */
export function tooMuchToRead(bytes: number, limit: number, index: number, count: number): CacheError {
  return new CacheError(
    "resource_exhausted",
    `${index + 1} of ${count} keys hold ${bytes} bytes already, the limit is ${limit}: ask for fewer keys per call`,
  );
}

/** Runs one step of a batch so that its error says which entry it was. */
function atPosition(
  key: string,
  index: number,
  count: number,
  step: () => MaybePromise<void>,
): MaybePromise<void> {
  return catchMaybe(step, (error) => {
    throw error instanceof CacheError ? batchError(error, key, index, count) : error;
  });
}

/** The error of one entry of a batch, with its key and position. */
export function batchError(
  error: CacheError,
  key: string,
  index: number,
  count: number,
): CacheError {
  const where = `entry ${index + 1} of ${count} (key ${quoteKey(key)})`;
  return new CacheError(error.code, `${where}: ${error.message}`, { cause: error });
}
