import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider } from "../contract/cache-provider.js";
import { isPromise } from "../contract/maybe-promise.js";
import { assertBatchSize, MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "./batch-limits.js";
import type { ConfiguredState } from "./configured-state.js";
import { ttlMsFromDuration } from "./duration.js";
import type { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import { guarded } from "./guarded.js";
import {
  assertReplyBytes,
  delimitedFieldBytes,
  getReplyBytes,
  keyResultBytes,
  type FoundValue,
  type KeyResult,
} from "./reply-size.js";
import type { ReportError } from "./rpc-error.js";

/** What the Cache service needs besides its provider. */
export interface CacheServiceOptions {
  readonly state: ConfiguredState;
  /** The largest reply, in bytes; a larger one is refused before it is built. */
  readonly maxReplyBytes: number;
  readonly report: ReportError;
}

/** Both are answers that hold nothing, so one of each serves every call. */
const NOTHING_FOUND = { found: false };
const EMPTY = {};

/**
 * The Cache service over a provider. Translates and nothing more; answers
 * without a promise when the provider does.
 */
export function createCacheService(
  provider: CacheProvider,
  options: CacheServiceOptions,
): ServiceImpl<typeof Cache> {
  const { state, maxReplyBytes, report } = options;

  const getReply = (value: Uint8Array | null | undefined): FoundValue => {
    if (value == null) return NOTHING_FOUND;
    const reply = { found: true, value };
    const advice = "the value was stored for larger replies";
    assertReplyBytes(getReplyBytes(reply), maxReplyBytes, advice);
    return reply;
  };

  return {
    get: guarded(({ key }) => {
      state.assertReady();
      const value = provider.get(key);
      return isPromise(value) ? value.then(getReply) : getReply(value);
    }, report),

    getMany: guarded(({ keys }) => {
      state.assertReady();
      assertBatchSize(keys.length, MAX_GET_MANY_KEYS);
      const found = provider.getMany(keys, { maxBytes: maxReplyBytes });
      return isPromise(found)
        ? found.then((record) => getManyReply(keys, record, maxReplyBytes))
        : getManyReply(keys, found, maxReplyBytes);
    }, report),

    set: guarded(({ key, value, ttl }) => {
      state.assertReady();
      const done = provider.set(key, value, { ttlMs: ttlMsFromDuration(ttl) });
      return isPromise(done) ? done.then(() => EMPTY) : EMPTY;
    }, report),

    setMany: guarded(({ entries, ttl }) => {
      state.assertReady();
      assertBatchSize(entries.length, MAX_BATCH_ENTRIES);
      const done = provider.setMany(entries, { ttlMs: ttlMsFromDuration(ttl) });
      return isPromise(done) ? done.then(() => EMPTY) : EMPTY;
    }, report),

    delete: guarded(({ key }) => {
      state.assertReady();
      const deleted = provider.delete(key);
      return isPromise(deleted) ? deleted.then((answer) => ({ deleted: answer })) : { deleted };
    }, report),

    deleteMany: guarded(({ keys }) => {
      state.assertReady();
      assertBatchSize(keys.length, MAX_BATCH_ENTRIES);
      const deleted = provider.deleteMany(keys);
      return isPromise(deleted)
        ? deleted.then((count) => ({ deleted: BigInt(count) }))
        : { deleted: BigInt(deleted) };
    }, report),

    touch: guarded(({ key, ttl }) => {
      state.assertReady();
      const touched = provider.touch(key, ttlMsFromDuration(ttl));
      return isPromise(touched) ? touched.then((answer) => ({ touched: answer })) : { touched };
    }, report),
  };
}

/**
 * One result per requested key, in order, a key asked twice answered twice.
 * Its size is known before it is encoded: repeated keys can make a small request
 * ask for gigabytes.
 */
function getManyReply(
  keys: readonly string[],
  record: Record<string, Uint8Array>,
  maxReplyBytes: number,
): { entries: KeyResult[] } {
  const found = withoutPrototype(record);
  const entries: KeyResult[] = [];
  let bytes = 0;
  for (const key of keys) {
    const value = found[key];
    const entry = value === undefined ? { key, found: false } : { key, found: true, value };
    bytes += delimitedFieldBytes(keyResultBytes(entry));
    entries.push(entry);
  }
  assertReplyBytes(bytes, maxReplyBytes, `ask for fewer than these ${keys.length} keys per call`);
  return { entries };
}

/** An author's own getMany may answer with a plain object, where `constructor` is always there. */
function withoutPrototype(record: Record<string, Uint8Array>): Record<string, Uint8Array> {
  if (Object.getPrototypeOf(record) === null) return record;
  return Object.assign(Object.create(null) as Record<string, Uint8Array>, record);
}
