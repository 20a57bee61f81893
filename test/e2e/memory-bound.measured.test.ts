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
}

const keyOf = (index: number): string => `key ${String(index).padStart(12, "0")}`;

async function callSuccessfully(cache: GrpcClient, method: string, request: object) {
  const { code, details, reply } = await cache.call(method, request);
  expect(code, details).toBe(0);
  return reply;
}

/** Writes entries in batches and one by one, and reads all of them back in batches. */
async function useCache(cache: GrpcClient, entries: number, filling: Filling): Promise<void> {
  const { valueBytes, entriesPerWrite, entriesPerRead } = filling;
  const value = Buffer.alloc(valueBytes, "x");
  for (let first = 0, batch = 0; first < entries; first += entriesPerWrite, batch++) {
    await callSuccessfully(cache, "SetMany", {
      entries: Array.from({ length: entriesPerWrite }, (_, i) => ({
        key: keyOf(first + i),
        value,
      })),
      ttl: TTLS[batch % TTLS.length],
    });
  }
  await readBack(cache, entries, entriesPerRead);
  const singles = Math.min(entries, MAX_SINGLE_WRITES);
  for (let index = 0; index < singles; index++) {
    const ttl = TTLS[index % TTLS.length];
    await callSuccessfully(cache, "Set", { key: keyOf(index), value, ttl });
  }
  expect(await readBack(cache, singles, entriesPerRead)).toBeGreaterThan(0);
}

/** Reads all keys, the last one first, and counts those that are found. */
async function readBack(cache: GrpcClient, entries: number, perRead: number): Promise<number> {
  let found = 0;
  for (let end = entries; end > 0; end -= perRead) {
    const length = Math.min(end, perRead);
    const keys = Array.from({ length }, (_, i) => keyOf(end - 1 - i));
    const reply = await callSuccessfully(cache, "GetMany", { keys });
    const results = reply?.["entries"] as { found: boolean }[];
    found += results.filter((result) => result.found).length;
  }
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
      };
      const maxBytes = 32 * MIB;
      const grown = await peakGrowth(store, maxBytes, filling);
      expect(grown).toBeLessThan(maxBytes + ALLOWANCE_BYTES);
    },
  );

  // The blocks store keeps such values outside the heap, where no garbage grows.
  test.runIf(isFullScale || store === "lru").each([
    [20, 29],
    [40, 41],
  ])(
    "takes at most 32 MiB more than the default maxBytes with SetMany of %i and GetMany of %i values of 100 kB",
    { timeout: 120_000 },
    async (entriesPerWrite, entriesPerRead) => {
      const filling = { valueBytes: 100_000, entriesPerWrite, entriesPerRead };
      const maxBytes = 64 * MIB;
      await expectMedianBelow(maxBytes + ALLOWANCE_BYTES, () =>
        peakGrowth(store, maxBytes, filling),
      );
    },
  );
});
