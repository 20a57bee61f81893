/** The buffers of large requests and replies, which a server releases and uses again. */
import { expect, test } from "vitest";
import { CacheProvider, defineCacheProvider } from "../../src/contract/cache-provider.js";
import { STORE_KINDS } from "../../src/memory/config/config-schema.js";
import { DEFAULT_MEMORY_CACHE_CONFIG } from "../../src/memory/config/memory-cache-config.js";
import { createMemoryCacheProvider } from "../../src/memory/memory-cache-provider.js";
import { until } from "../support/child-process.js";
import { serveEndpoint } from "../support/serve-endpoint.js";

/** Larger than a frame, than what is released at once, and than what is kept for later requests. */
const SIZES = [20_000, 100_000, 300_000, 1_000_000, 3_000_000];

/** The byte of each value differs, so that one that is overwritten is seen. */
const valueOf = (index: number, length: number): Buffer => Buffer.alloc(length, 33 + (index % 90));

/** Writes and reads values with many calls at once, twice, and counts those that are wrong. */
async function countWrong(provider: CacheProvider): Promise<number> {
  const { openCache } = await serveEndpoint({ provider });
  const clients = [openCache(), openCache()];
  const calls = Array.from({ length: 20 }, (_, index) => ({
    client: clients[index % 2],
    key: `key ${index}`,
    value: valueOf(index, SIZES[index % SIZES.length] ?? 0),
  }));
  let wrong = 0;
  for (let round = 0; round < 2; round++) {
    await Promise.all(
      calls.map(async ({ client, key, value }) => {
        const batch = [{ key: `${key} in a batch`, value }];
        await Promise.all([
          client?.call("Set", { key, value }),
          client?.call("SetMany", { entries: batch }),
        ]);
      }),
    );
    await Promise.all(
      calls.map(async ({ client, key, value }) => {
        const single = await client?.call("Get", { key });
        const many = await client?.call("GetMany", { keys: [`${key} in a batch`] });
        const [result] = (many?.reply?.["entries"] ?? []) as { value: Uint8Array }[];
        if (!value.equals(single?.reply?.["value"] as Uint8Array)) wrong++;
        if (result === undefined || !value.equals(result.value)) wrong++;
      }),
    );
  }
  return wrong;
}

test.each(STORE_KINDS)(
  "store %s: large values of many calls at once stay intact",
  async (store) => {
    const config = { ...DEFAULT_MEMORY_CACHE_CONFIG, store };
    const provider = createMemoryCacheProvider({ config });
    expect(provider.copiesValues).toBe(true);
    expect(await countWrong(provider)).toBe(0);
  },
);

test("a provider that keeps the buffers of requests and returns them still has its values", async () => {
  const entries = new Map<string, Uint8Array>();
  const provider = defineCacheProvider({
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
    touch: (key) => entries.has(key),
  });
  expect(provider.copiesValues).toBe(false);
  expect(await countWrong(provider)).toBe(0);
});

test("a value that is overwritten and evicted while it is sent arrives intact", async () => {
  const config = { ...DEFAULT_MEMORY_CACHE_CONFIG, maxBytes: 4 * 2 ** 20 };
  const provider = createMemoryCacheProvider({ config });
  const { openCache } = await serveEndpoint({ provider });
  const cache = openCache();
  const old = valueOf(1, 1_000_000);
  await cache.call("Set", { key: "k", value: old });
  const reading = Array.from({ length: 8 }, () => cache.call("Get", { key: "k" }));
  for (let index = 0; index < 8; index++) {
    await provider.set("k", valueOf(2, 1_000_000));
    await provider.set(`other ${index}`, valueOf(3, 1_000_000));
  }
  const values = (await Promise.all(reading)).map(({ reply }) => reply?.["value"] as Buffer);
  const first = values.map((value) => value[0]);
  expect(values.every((value) => value.every((byte) => byte === value[0]))).toBe(true);
  expect(first.filter((byte) => byte !== old[0] && byte !== valueOf(2, 1)[0])).toEqual([]);
});

test("a call that ends before its provider leaves the request to the provider", async () => {
  const memory = createMemoryCacheProvider();
  let goOn = (): void => {};
  const waiting = new Promise<void>((resolve) => (goOn = resolve));
  const seen: Buffer[] = [];
  class SlowProvider extends CacheProvider {
    override get copiesValues(): boolean {
      return true;
    }

    override async set(key: string, value: Uint8Array): Promise<void> {
      if (key !== "slow") return memory.set(key, value);
      await waiting;
      seen.push(Buffer.from(value));
    }
  }
  const provider = new SlowProvider({
    get: (key) => memory.get(key),
    set: (key, value) => memory.set(key, value),
    delete: (key) => memory.delete(key),
    touch: (key) => memory.touch(key),
  });
  const { openCache } = await serveEndpoint({ provider });
  const cache = openCache();
  const value = valueOf(1, 1_000_000);
  const { code } = await cache.call("Set", { key: "slow", value }, { deadline: Date.now() + 200 });
  expect(code).toBe(4);
  for (let index = 0; index < 4; index++) {
    await cache.call("Set", { key: "other", value: valueOf(2, 1_000_000) });
  }
  goOn();
  await until(() => seen.length === 1);
  expect(seen[0]?.equals(value)).toBe(true);
});
