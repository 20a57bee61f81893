import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CacheError } from "../../contract/cache-error.js";
import {
  Control,
  type CallSchema,
  type ClockSchema,
  type Entry,
  type EntrySchema,
  type ListEntriesRequest,
} from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { guarded } from "../../rpc/guarded.js";
import { routeOf, type ServiceRoute } from "../../rpc/provider-services.js";
import { rpcErrorFrom, type ReportError } from "../../rpc/rpc-error.js";
import { rpcNameOf } from "./cache-method.js";
import type { RecordedCall } from "./call-record.js";
import type { ControlledCache, EntryWithValue, SeedEntry } from "./controlled-cache.js";
import { durationFromMs, msFromDuration } from "./durations.js";
import { faultToMessage, ruleFromMessage } from "./fault-messages.js";
import { watchCalls } from "./watch-calls.js";

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 10_000;

/** A page with values ends when it has more; a reply must stay below the limit on replies. */
const PAGE_BYTES = 1024 * 1024;

/**
 * The Control service over a cache. Translates and nothing more. For servers without a host
 * only: under the host nothing but the contract is served.
 */
export function createControlRoute(cache: ControlledCache, report: ReportError): ServiceRoute {
  const clock = (): MessageInitShape<typeof ClockSchema> => {
    const { isFrozen, elapsedMs, advancedMs } = cache.clock.state;
    return {
      frozen: isFrozen,
      elapsed: durationFromMs(elapsedMs),
      advanced: durationFromMs(advancedMs),
    };
  };

  return routeOf(Control, {
    getClock: () => ({ clock: clock() }),
    advanceClock: guarded(async ({ duration }) => {
      const ms = msFromDuration("duration", duration);
      return { expired: BigInt(await cache.advance(ms)), clock: clock() };
    }, report),
    freezeClock: guarded(async () => {
      await cache.freeze();
      return { clock: clock() };
    }, report),
    resumeClock: guarded(async () => {
      await cache.resume();
      return { clock: clock() };
    }, report),

    addFault: guarded(
      ({ rule }) => ({ fault: faultToMessage(cache.faults.add(ruleFromMessage(rule))) }),
      report,
    ),
    listFaults: () => ({ faults: cache.faults.list().map(faultToMessage) }),
    clearFaults: ({ ids }) => ({
      faults: cache.faults.clear(ids.length === 0 ? undefined : ids).map(faultToMessage),
    }),

    listEntries: guarded((request) => {
      const { entries, next } = cache.listEntries({
        prefix: request.prefix,
        limit: pageSizeFrom(request),
        offset: offsetFrom(request),
        newestFirst: request.newestFirst,
        withValues: request.withValues,
        maxBytes: PAGE_BYTES,
      });
      return {
        entries: entries.map((entry) => entryToMessage(entry, request.withValues)),
        nextPageToken: next === undefined ? "" : String(next),
      };
    }, report),
    peekEntry: guarded(({ key }) => {
      const entry = cache.peekEntry(key);
      return entry === undefined ? {} : { entry: entryToMessage(entry, true) };
    }, report),
    loadEntries: guarded(async ({ entries }) => {
      await cache.load(entries.map(seedFromMessage));
      return { entries: BigInt(entries.length) };
    }, report),
    reset: guarded(async () => ({ entries: BigInt(await cache.reset()) }), report),

    listCalls: guarded(({ limit }) => {
      if (!cache.calls.isKept) throw new CacheError("failed_precondition", NOT_RECORDED);
      const calls = cache.calls.list();
      const shown = limit === 0 ? calls : calls.slice(-limit);
      return { calls: shown.map(callToMessage), dropped: BigInt(cache.calls.dropped) };
    }, report),
    async *watchCalls(_request, { signal }) {
      try {
        for await (const { call, dropped } of watchCalls(cache.calls, [signal, cache.closing])) {
          yield {
            ...(call === undefined ? {} : { call: callToMessage(call) }),
            dropped: BigInt(dropped),
          };
        }
      } catch (error) {
        throw rpcErrorFrom(error, report);
      }
    },
  });
}

const NOT_RECORDED =
  "calls are not recorded; start serve with --record, or watch them as they come with WatchCalls";

function entryToMessage(
  entry: EntryWithValue,
  withValue: boolean,
): MessageInitShape<typeof EntrySchema> {
  const { key, size, charge, ttlMs } = entry;
  return {
    key,
    size: BigInt(size),
    charge: BigInt(charge),
    ...(ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) }),
    ...(withValue ? { value: entry.value } : {}),
  };
}

function seedFromMessage({ key, value = NOTHING, ttl }: Entry): SeedEntry {
  return { key, value, ttlMs: ttl === undefined ? undefined : msFromDuration("ttl", ttl) };
}

const NOTHING = new Uint8Array();

function callToMessage(call: RecordedCall): MessageInitShape<typeof CallSchema> {
  return {
    time: timestampFromMs(call.timeMs),
    method: rpcNameOf(call.method),
    keys: [...call.keys],
    keyCount: BigInt(call.keyCount),
    hits: BigInt(call.hits),
    misses: BigInt(call.misses),
    bytes: BigInt(call.bytes),
    status: call.status,
    duration: durationFromMs(call.durationMs),
    faultId: call.faultId,
  };
}

function pageSizeFrom({ pageSize }: ListEntriesRequest): number {
  if (pageSize <= MAX_PAGE_SIZE) return pageSize || DEFAULT_PAGE_SIZE;
  throw new CacheError(
    "invalid_argument",
    `page_size must be at most ${MAX_PAGE_SIZE} (got ${pageSize})`,
  );
}

function offsetFrom({ pageToken }: ListEntriesRequest): number {
  if (/^\d{0,15}$/.test(pageToken)) return Number(pageToken);
  throw new CacheError(
    "invalid_argument",
    "page_token must be the next_page_token of an earlier page",
  );
}
