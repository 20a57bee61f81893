import { describe, expect, test } from "vitest";
import type { Ticker } from "../../src/conformance/case-time.js";
import type { CacheUnderTest } from "../../src/conformance/cache-under-test.js";
import { ttlCases } from "../../src/conformance/cases/ttl-cases.js";
import { durationFromMs, msFromDuration } from "../../src/conformance/wire-duration.js";
import { ManualClock } from "../../src/conformance/manual-clock.js";
import { createInProcessCache } from "../../src/conformance/subjects/in-process-cache.js";
import { createCacheContext } from "../../src/conformance/subjects/cache-context.js";
import { KeySpace } from "../../src/conformance/key-space.js";
import { Transcript } from "../../src/conformance/transcript.js";
import { createTinyProvider } from "./tiny-provider.js";

/** How a provider may read a TTL in milliseconds. */
type ReadTtl = (ttlMs: number) => number;

/**
 * Runs a case with waits like those of real time, for a provider that reads TTLs this way.
 *
 * @param getMs - how long a Get takes, half of it before the provider looks
 */
async function runCase(id: string, unitMs: number, readTtl: ReadTtl, getMs = 0): Promise<void> {
  const clock = new ManualClock();
  const ticker: Ticker = {
    exact: false,
    now: () => clock.now(),
    wait: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
  };
  const right = createInProcessCache(createTinyProvider(clock), 1000);
  const cache: CacheUnderTest = {
    ...right,
    get: async (key) => {
      clock.advance(getMs / 2);
      const reply = await right.get(key);
      clock.advance(getMs / 2);
      return reply;
    },
    set: (key, value, ttl) =>
      right.set(key, value, ttl && durationFromMs(readTtl(msFromDuration(ttl)))),
  };
  const workspace = {
    transcript: new Transcript(),
    keys: new KeySpace(),
    stretch: 1,
    signal: new AbortController().signal,
    defer: () => undefined,
  };
  const context = createCacheContext(cache, { ticker, unitMs, shared: false }, workspace);
  const each = ttlCases.find((candidate) => candidate.id === id);
  if (each?.needs !== "cache") throw new Error(`no case ${id} of a cache`);
  await each.run(context);
}

describe.each([50, 200, 1000, 2000, 10_000, 600_000])("with a TTL unit of %i ms", (unitMs) => {
  test("a provider that keeps the contract passes every case of TTLs", async () => {
    for (const { id, needs } of ttlCases) {
      if (needs === "cache") await runCase(id, unitMs, (ttlMs) => ttlMs);
    }
  });

  test.each<[string, ReadTtl]>([
    ["down", (ttlMs) => Math.floor(ttlMs / 1000) * 1000],
    ["down, to at least one", (ttlMs) => Math.max(1, Math.floor(ttlMs / 1000)) * 1000],
    ["up", (ttlMs) => Math.ceil(ttlMs / 1000) * 1000],
    ["to the nearest", (ttlMs) => Math.round(ttlMs / 1000) * 1000],
  ])("a provider that rounds TTLs to whole seconds, %s, fails", async (_, readTtl) => {
    const failing = runCase("ttl/counts-milliseconds", unitMs, readTtl);
    await expect(failing).rejects.toThrow(/^expected/);
  });

  test.each<[string, ReadTtl]>([
    ["seconds", (ttlMs) => Math.floor(ttlMs / 1000) * 1000],
    ["nanoseconds", (ttlMs) => ttlMs % 1000],
  ])("a provider that reads only the %s of a TTL fails", async (_, readTtl) => {
    const failing = runCase("ttl/adds-seconds-and-nanos", unitMs, readTtl);
    await expect(failing).rejects.toThrow(/^expected/);
  });
});

test("a provider that keeps the contract and replies late passes with a longer unit", async () => {
  // Just before the end, such a Get finds nothing any more, and the kit cannot know why.
  await runCase("ttl/counts-milliseconds", 2000, (ttlMs) => ttlMs, 600);
});
