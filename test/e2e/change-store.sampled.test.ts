import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { STORE_KINDS, type StoreKind } from "../../src/memory/config/config-schema.js";
import type { GrpcClient } from "../support/grpc-client.js";
import { startProvider } from "../support/provider-process.js";
import { sampleOf } from "../support/sample.js";
import { struct } from "../support/struct.js";

const ENTRIES = 10_000;
const ENTRIES_PER_BATCH = 1_000;

/** Enough to write, move and read all entries on a busy machine. */
const TTL_SECONDS = 8;

const keyOf = (index: number): string => `key ${index}`;
const valueOf = (index: number): Buffer => Buffer.from(`value ${index}`);

async function callSuccessfully(client: GrpcClient, method: string, request: object) {
  const { code, details, reply } = await client.call(method, request);
  expect(code, details).toBe(0);
  return reply;
}

async function writeAll(cache: GrpcClient, first: number, ttl?: object): Promise<void> {
  for (let start = first; start < ENTRIES; start += 2 * ENTRIES_PER_BATCH) {
    const entries = Array.from({ length: ENTRIES_PER_BATCH }, (_, i) => ({
      key: keyOf(start + i),
      value: valueOf(start + i),
    }));
    await callSuccessfully(cache, "SetMany", { entries, ttl });
  }
}

/** How many entries of the batches from `first` on are found, each with its value. */
async function countFound(cache: GrpcClient, first: number): Promise<number> {
  let found = 0;
  for (let start = first; start < ENTRIES; start += 2 * ENTRIES_PER_BATCH) {
    const keys = Array.from({ length: ENTRIES_PER_BATCH }, (_, i) => keyOf(start + i));
    const reply = await callSuccessfully(cache, "GetMany", { keys });
    const results = reply?.["entries"] as { found: boolean; value: Buffer }[];
    found += results.filter(
      (each, i) => each.found && each.value.equals(valueOf(start + i)),
    ).length;
  }
  return found;
}

const CHANGES = STORE_KINDS.map(
  (from) => ({ from, to: from === "lru" ? "blocks" : "lru" }) as const,
);

test.each(sampleOf(1, CHANGES))(
  "a change of store from $from to $to keeps entries and TTLs, and calls succeed meanwhile",
  { timeout: 60_000 },
  async ({ from, to }) => {
    const provider = await startProvider();
    const lifecycle = provider.client("ProviderLifecycle");
    const cache = provider.client("Cache");
    const configure = (store: StoreKind) =>
      callSuccessfully(lifecycle, "ConfigureProvider", {
        protocol_version: 3,
        config: struct({ store }),
      });
    await configure(from);
    await writeAll(cache, 0);
    const firstExpiryMs = Date.now() + 1000 * TTL_SECONDS;
    await writeAll(cache, ENTRIES_PER_BATCH, { seconds: TTL_SECONDS });
    const lastExpiryMs = Date.now() + 1000 * TTL_SECONDS;

    const progress = { isConfigured: false };
    const configured = configure(to).then(() => (progress.isConfigured = true));
    let calls = 0;
    do {
      const key = `written meanwhile ${calls++}`;
      await callSuccessfully(cache, "Set", { key, value: valueOf(calls) });
      expect(await callSuccessfully(cache, "Get", { key })).toMatchObject({
        found: true,
        value: valueOf(calls),
      });
      const old = await callSuccessfully(cache, "Get", { key: keyOf(calls) });
      expect(old).toMatchObject({ found: true, value: valueOf(calls) });
    } while (!progress.isConfigured);
    await configured;

    expect(await countFound(cache, 0)).toBe(ENTRIES / 2);
    expect(await countFound(cache, ENTRIES_PER_BATCH)).toBe(ENTRIES / 2);
    expect(Date.now()).toBeLessThan(firstExpiryMs);
    const keys = Array.from({ length: calls }, (_, i) => `written meanwhile ${i}`);
    const reply = await callSuccessfully(cache, "GetMany", { keys });
    expect((reply?.["entries"] as { found: boolean }[]).every(({ found }) => found)).toBe(true);

    await delay(lastExpiryMs - Date.now());
    expect(await countFound(cache, 0)).toBe(ENTRIES / 2);
    expect(await countFound(cache, ENTRIES_PER_BATCH)).toBe(0);
  },
);
