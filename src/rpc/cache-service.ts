import type { ServiceImpl } from "@connectrpc/connect";
import type { CacheProvider, CacheSetOptions } from "../contract/cache-provider.js";
import { mapMaybe, type MaybePromise } from "../contract/maybe-promise.js";
import { NEVER_EXPIRES } from "../contract/ttl.js";
import { assertBatchSize, MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "./batch-limits.js";
import type { ConfiguredState } from "./configured-state.js";
import { ttlMsFromDuration, type DurationFields } from "./duration.js";
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

/** Options of {@link createCacheService}. */
export interface CacheServiceOptions {
  readonly state: ConfiguredState;
  /** The largest reply in bytes; a call with a larger one fails before the reply is encoded. */
  readonly maxReplyBytes: number;
  readonly report: ReportError;
}

/** These replies hold nothing, so one of each serves every call. */
const NOT_FOUND = { found: false };
const EMPTY = {};

/**
 * Creates the Cache service of a provider. The service only translates between messages and
 * the contract. It replies without a promise when the provider does.
 */
export function createCacheService(
  provider: CacheProvider,
  { state, maxReplyBytes, report }: CacheServiceOptions,
): ServiceImpl<typeof Cache> {
  /** A method that fails until the provider is configured, and whose errors callers may see. */
  const method = <Request, Reply>(
    handle: (request: Request) => MaybePromise<Reply>,
  ): ((request: Request) => MaybePromise<Reply>) =>
    guarded((request) => {
      state.assertReady();
      return handle(request);
    }, report);

  const getReply = (value: Uint8Array | null | undefined): FoundValue => {
    if (value == null) return NOT_FOUND;
    const reply = { found: true, value };
    const advice = "the value was stored by a server with a larger limit";
    assertReplyBytes(getReplyBytes(reply), maxReplyBytes, advice);
    return reply;
  };

  return {
    get: method(({ key }) => mapMaybe(provider.get(key), getReply)),

    getMany: method(({ keys }) => {
      assertBatchSize(keys.length, MAX_GET_MANY_KEYS);
      const found = provider.getMany(keys, { maxBytes: maxReplyBytes });
      return mapMaybe(found, (record) => getManyReply(keys, record, maxReplyBytes));
    }),

    set: method(({ key, value, ttl }) =>
      mapMaybe(provider.set(key, value, setOptions(ttl)), emptyReply),
    ),

    setMany: method(({ entries, ttl }) => {
      assertBatchSize(entries.length, MAX_BATCH_ENTRIES);
      return mapMaybe(provider.setMany(entries, setOptions(ttl)), emptyReply);
    }),

    delete: method(({ key }) => mapMaybe(provider.delete(key), deleteReply)),

    deleteMany: method(({ keys }) => {
      assertBatchSize(keys.length, MAX_BATCH_ENTRIES);
      return mapMaybe(provider.deleteMany(keys), deleteManyReply);
    }),

    touch: method(({ key, ttl }) =>
      mapMaybe(provider.touch(key, ttlMsFromDuration(ttl)), touchReply),
    ),
  };
}

const emptyReply = (): object => EMPTY;
const deleteReply = (deleted: boolean): { deleted: boolean } => ({ deleted });
const deleteManyReply = (deleted: number): { deleted: bigint } => ({ deleted: BigInt(deleted) });
const touchReply = (touched: boolean): { touched: boolean } => ({ touched });

/** Options of a Set. They are absent for an entry that never expires, as in the host's own SDK. */
function setOptions(ttl: DurationFields | undefined): CacheSetOptions | undefined {
  const ttlMs = ttlMsFromDuration(ttl);
  return ttlMs === NEVER_EXPIRES ? undefined : { ttlMs };
}

/**
 * One result per requested key, in the order of the request; a key that occurs twice has two
 * results. The size is checked before the reply is encoded: repeated keys can make a small
 * request ask for gigabytes.
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

/** An author's own getMany may return a plain object, which always has a `constructor`. */
function withoutPrototype(record: Record<string, Uint8Array>): Record<string, Uint8Array> {
  if (Object.getPrototypeOf(record) === null) return record;
  return Object.assign(Object.create(null) as Record<string, Uint8Array>, record);
}
