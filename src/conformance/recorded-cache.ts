import { quoteKey } from "../contract/cache-error.js";
import type { CacheUnderTest, KeyedValue } from "./cache-under-test.js";
import { showBytes, showKeyedReply, showList, showReply, showTtl } from "./show.js";
import type { Transcript } from "./transcript.js";

/** The same cache, with every call and its outcome noted in the transcript. */
export function recordCalls(cache: CacheUnderTest, transcript: Transcript): CacheUnderTest {
  return {
    get: (key) => transcript.record(`Get(${quoteKey(key)})`, () => cache.get(key), showReply),
    getMany: (keys) =>
      transcript.record(
        `GetMany(${showList(keys, quoteKey)})`,
        () => cache.getMany(keys),
        (results) => showList(results, showKeyedReply),
      ),
    set: (key, value, ttl) =>
      transcript.record(`Set(${quoteKey(key)}, ${showBytes(value)}, ${showTtl(ttl)})`, () =>
        cache.set(key, value, ttl),
      ),
    setMany: (entries, ttl) =>
      transcript.record(`SetMany(${showList(entries, showEntry)}, ${showTtl(ttl)})`, () =>
        cache.setMany(entries, ttl),
      ),
    delete: (key) => transcript.record(`Delete(${quoteKey(key)})`, () => cache.delete(key), String),
    deleteMany: (keys) =>
      transcript.record(
        `DeleteMany(${showList(keys, quoteKey)})`,
        () => cache.deleteMany(keys),
        String,
      ),
    touch: (key, ttl) =>
      transcript.record(
        `Touch(${quoteKey(key)}, ${showTtl(ttl)})`,
        () => cache.touch(key, ttl),
        String,
      ),
  };
}

function showEntry({ key, value }: KeyedValue): string {
  return `${quoteKey(key)} = ${showBytes(value)}`;
}
