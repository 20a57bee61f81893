import { describe, expect, test } from "vitest";
import { residentBytes, watchPeakResident } from "../../bench/process/resident-memory.js";
import { STORE_KINDS, type StoreKind } from "../../src/memory/config/config-schema.js";
import { atScale, isFullScale } from "../abuse/support/scale.js";
import type { GrpcClient } from "../support/grpc-client.js";
import { expectMedianBelow } from "../support/median.js";
import { startProvider } from "../support/provider-process.js";
import { struct } from "../support/struct.js";

const MIB = 2 ** 20;

/** What the runtime may take beside the cache, whatever the bound. */
const ALLOWANCE_BYTES = 32 * MIB;

/** How many times more than fits is written. */
const TIMES_THE_BOUND = atScale({ full: 3, quick: 2 });

/** The least that a store charges for an entry with such a key, besides its value. */
const MIN_ENTRY_OVERHEAD_BYTES: Readonly<Record<StoreKind, number>> = { lru: 284, blocks: 76 };

/** Values in one batch, at most: a reply carries 4 MiB. */
const BYTES_PER_BATCH = 3 * MIB;
const MAX_ENTRIES_PER_BATCH = 1_000;

/** Entries that are written with one call each, after those in batches. */
const MAX_SINGLE_WRITES = 2_000;

/** One batch never expires, the next one outlives the test, the one after that expires at once. */
const TTLS = [undefined, { seconds: 3_600 }, { seconds: 0, nanos: 50_000_000 }] as const;

/** The sizes of values; all of them take most of a minute. */
const VALUE_BYTES = atScale({
  full: [100, 1_000, 10_000, 100_000, 1_000_000],
  quick: [100],
});

interface Filling {
  readonly valueBytes: number;
  readonly entriesPerWrite: number;
  readonly entriesPerRead: number;
  /** How many batches are written or read at the same time. */
  readonly batchesAtOnce: number;
}

const keyOf = (index: number): string => `key ${String(index).padStart(12, "0")}`;

async function callSuccessfully(cache: GrpcClient, method: string, request: object) {
  const { code, details, reply } = await cache.call(method, request);
  expect(code, details).toBe(0);
  return reply;
}

/** Calls a function with the numbers from 0 to `count - 1`, in order, with `atOnce` calls at a time. */
async function forEachNumber(
  count: number,
  atOnce: number,
  call: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Writes entries in batches and one by one, and reads all of them back in batches. */
async function useCache(cache: GrpcClient, entries: number, filling: Filling): Promise<void> {
  const { valueBytes, entriesPerWrite, batchesAtOnce } = filling;
  const value = Buffer.alloc(valueBytes, "x");
  await forEachNumber(Math.ceil(entries / entriesPerWrite), batchesAtOnce, async (batch) => {
    await callSuccessfully(cache, "SetMany", {
      entries: Array.from({ length: entriesPerWrite }, (_, i) => ({
        key: keyOf(batch * entriesPerWrite + i),
        value,
      })),
      ttl: TTLS[batch % TTLS.length],
    });
  });
  await readBack(cache, entries, filling);
  const singles = Math.min(entries, MAX_SINGLE_WRITES);
  await forEachNumber(singles, 1, async (index) => {
    const ttl = TTLS[index % TTLS.length];
    await callSuccessfully(cache, "Set", { key: keyOf(index), value, ttl });
  });
  expect(await readBack(cache, singles, filling)).toBeGreaterThan(0);
}

/** Reads all keys, the last one first, and counts those that are found. */
async function readBack(cache: GrpcClient, entries: number, filling: Filling): Promise<number> {
  const { entriesPerRead, batchesAtOnce } = filling;
  let found = 0;
  await forEachNumber(Math.ceil(entries / entriesPerRead), batchesAtOnce, async (batch) => {
    const end = entries - batch * entriesPerRead;
    const length = Math.min(end, entriesPerRead);
    const keys = Array.from({ length }, (_, i) => keyOf(end - 1 - i));
    const reply = await callSuccessfully(cache, "GetMany", { keys });
    const results = reply?.["entries"] as { found: boolean }[];
    found += results.filter((result) => result.found).length;
  });
  return found;
}

/** The most resident memory beyond idle that a provider takes while a cache is used. */
async function peakGrowth(store: StoreKind, maxBytes: number, filling: Filling): Promise<number> {
  const provider = await startProvider();
  await callSuccessfully(provider.client("ProviderLifecycle"), "ConfigureProvider", {
    protocol_version: 3,
    config: struct({ store, maxBytes }),
  });
  const idleBytes = residentBytes(provider.pid);
  const endWatch = watchPeakResident(provider.pid);
  const entryBytes = filling.valueBytes + MIN_ENTRY_OVERHEAD_BYTES[store];
  const entries = Math.ceil((TIMES_THE_BOUND * maxBytes) / entryBytes);
  await useCache(provider.client("Cache"), entries, filling);
  return endWatch() - idleBytes;
}

describe.each(STORE_KINDS)("store %s, filled past its bound and read back", (store) => {
  test.each(VALUE_BYTES)(
    "takes at most 32 MiB more than maxBytes with values of %i bytes",
    { timeout: 60_000 },
    async (valueBytes) => {
      const entriesPerBatch = Math.min(
        MAX_ENTRIES_PER_BATCH,
        Math.floor(BYTES_PER_BATCH / valueBytes),
      );
      const filling = {
        valueBytes,
        entriesPerWrite: entriesPerBatch,
        entriesPerRead: entriesPerBatch,
        batchesAtOnce: 1,
      };
      const maxBytes = 32 * MIB;
      const grown = await peakGrowth(store, maxBytes, filling);
      expect(grown).toBeLessThan(maxBytes + ALLOWANCE_BYTES);
    },
  );

  // The blocks store keeps such values outside the heap, where no garbage grows.
  test.runIf(isFullScale || store === "lru").each([
    { entriesPerWrite: 20, entriesPerRead: 29, batchesAtOnce: 4 },
    { entriesPerWrite: 40, entriesPerRead: 41, batchesAtOnce: 1 },
  ])(
    "takes at most 32 MiB more than the default maxBytes with values of 100 kB, SetMany of " +
      "$entriesPerWrite and GetMany of $entriesPerRead, and $batchesAtOnce at the same time",
    { timeout: 120_000 },
    async (batches) => {
      const filling = { valueBytes: 100_000, ...batches };
      const maxBytes = 64 * MIB;
      await expectMedianBelow(maxBytes + ALLOWANCE_BYTES, () =>
        peakGrowth(store, maxBytes, filling),
      );
    },
  );
});
