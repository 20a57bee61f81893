import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { MAX_BATCH_ENTRIES, MAX_GET_MANY_KEYS } from "../../src/rpc/batch-limits.js";
import type { GrpcClient } from "../support/grpc-client.js";
import { expectMedianBelow } from "../support/median.js";
import { frame } from "../support/raw-http2.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander, type Bystander } from "./support/bystander.js";
import { call, cacheHeaders, openSession } from "./support/plain-call.js";
import { atScale, isFullScale } from "./support/scale.js";
import { startVictim, type Victim } from "./support/victim.js";

const MIB = 2 ** 20;
const MILLION = 1_000_000;

/** The largest value that a cache takes; it displaces tens of thousands of small entries. */
const LARGE_VALUE = Buffer.alloc(4_194_287 - "large".length, "x");

/** The longest that any call may be delayed, in milliseconds. */
const PAUSE_MS = 50;

/** How many entries expire at once. */
const EXPIRING = atScale({ full: MILLION, quick: 150_000 });

/** How many entries the largest value finds: more than either store has room for. */
const CROWD = atScale({
  full: { entries: MILLION, maxBytes: 64 * MIB },
  quick: { entries: 400_000, maxBytes: 24 * MIB },
});

const BATCH = 20_000;
const EMPTY = Buffer.alloc(0);

const keyOf = (index: number): string => index.toString(36).padStart(8, "0");

/** Writes small entries, in batches; all of them expire at `expiryMs` (as `Date.now()` says it). */
async function fill(cache: GrpcClient, count: number, expiryMs?: number): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const length = Math.min(BATCH, count - first);
    const entries = Array.from({ length }, (_, i) => ({ key: keyOf(first + i), value: EMPTY }));
    const leftMs = (expiryMs ?? 0) - Date.now();
    const ttl = { seconds: Math.floor(leftMs / 1000), nanos: (leftMs % 1000) * 1e6 };
    const request = { entries, ...(expiryMs === undefined ? {} : { ttl }) };
    const { code, details } = await cache.call("SetMany", request);
    expect(code, details).toBe(0);
  }
}

/** How many of a thousand of the small entries are there; it makes them the last to be evicted. */
async function countFound(cache: GrpcClient, offset = 0): Promise<number> {
  const keys = Array.from({ length: 1_000 }, (_, index) => keyOf(offset + index * 1_000));
  const { reply } = await cache.call("GetMany", { keys });
  const entries = reply?.["entries"] as { found: boolean }[];
  return entries.filter(({ found }) => found).length;
}

/** How long a call could have been delayed, at most, by what the victim does in `work`. */
async function pauseMs(
  victim: Victim,
  bystander: Bystander,
  work: () => Promise<void>,
): Promise<number> {
  await bystander.report();
  const begunMs = Date.now();
  await work();
  const { longestMs } = await expectUnharmed(bystander);
  expect(victim.complaints()).toBe("");
  return victim.longestPauseMs(begunMs) ?? longestMs;
}

test.each(["lru", "blocks"])(
  "the largest Set into a cache of small entries (%s) delays no other call",
  { timeout: 60_000 },
  async (store) => {
    const victim = await startVictim("under the host", { store, maxBytes: CROWD.maxBytes });
    const cache = victim.client();
    const bystander = await startBystander(victim.target);
    await expectMedianBelow(PAUSE_MS, async () => {
      await fill(cache, CROWD.entries);
      const longestMs = await pauseMs(victim, bystander, async () => {
        expect((await cache.call("Set", { key: "large", value: LARGE_VALUE })).code).toBe(0);
      });
      expect((await cache.call("Delete", { key: "large" })).reply).toEqual({ deleted: true });
      return longestMs;
    });
  },
);

/** How many entries a server of its own holds, expired ones included, as it tells Prometheus. */
async function countHeld(victim: Victim): Promise<number> {
  const request = get({ createConnection: () => victim.connect(), path: "/metrics" });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return Number(/^gestalt_cache_entries\S* (\d+)$/m.exec(await text(response))?.[1]);
}

test.each([
  // As many as the default size holds; the Map inside lru-cache pauses longer in a larger cache.
  { store: "lru", count: 150_000, maxBytes: 64 * MIB },
  { store: "blocks", count: EXPIRING, maxBytes: 100 * MIB },
])(
  "many entries that expire at once ($store) delay no call",
  { timeout: 60_000 },
  async (cacheOf) => {
    const { store, count, maxBytes } = cacheOf;
    const victim = await startVictim("serve unix", { store, maxBytes });
    const cache = victim.client();
    const bystander = await startBystander(victim.target);
    // Once without a deadline, which says how long it takes.
    const fillingMs = Date.now();
    await fill(cache, count);
    const filledMs = Date.now() - fillingMs;
    await expectMedianBelow(PAUSE_MS, async () => {
      const expiryMs = Date.now() + 2 * filledMs + 1_000;
      await fill(cache, count, expiryMs);
      expect(await countFound(cache)).toBe(Math.min(1_000, count / 1_000));
      await delay(expiryMs - Date.now());
      return pauseMs(victim, bystander, async () => {
        // Requests take a moment to arrive, and their TTL begins there.
        await delay(500);
        expect(await countFound(cache)).toBe(0);
        await expect
          .poll(() => countHeld(victim), { timeout: 10_000, interval: 100 })
          .toBeLessThan(100);
      });
    });
  },
);

/** Field 1, as bytes: a key in a list of keys, or an entry in a SetMany. */
const field = (content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0x0a, content.length), content]);

const keys = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => field(Buffer.from(keyOf(i)))));

const entries = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => field(field(Buffer.from(keyOf(i))))));

const emptyEntries = (count: number): Buffer => Buffer.alloc(2 * count, Buffer.of(0x0a, 0));

describe("the largest batches delay no other call", () => {
  const LARGEST = [
    ["SetMany", "the most entries", entries(MAX_BATCH_ENTRIES), "0"],
    ["GetMany", "the most keys", keys(MAX_GET_MANY_KEYS), "0"],
    ["DeleteMany", "the most keys", keys(MAX_BATCH_ENTRIES), "0"],
    ["SetMany", "33 million empty entries", emptyEntries(33 * MILLION), "8"],
    ["GetMany", "a million keys", keys(MILLION), "8"],
  ] as const;
  const MORE = [
    ["GetMany", "the most keys, all the same", emptyEntries(MAX_GET_MANY_KEYS), "0"],
    ["SetMany", "two million entries", entries(2 * MILLION), "8"],
    ["DeleteMany", "a million keys", keys(MILLION), "8"],
  ] as const;
  test.each([...LARGEST, ...(isFullScale ? MORE : [])])(
    "%s: %s",
    { timeout: 60_000 },
    async (method, _, body, status) => {
      const victim = await startVictim();
      const bystander = await startBystander(victim.target);
      if (status === "0") await fill(victim.client(), MAX_BATCH_ENTRIES);
      const session = await openSession(victim.connect());
      const idleBytes = residentBytes(victim.pid);
      await expectMedianBelow(PAUSE_MS, () =>
        pauseMs(victim, bystander, async () => {
          const outcome = await call(session, cacheHeaders(method), frame(body));
          expect(outcome.status, outcome.message).toBe(status);
          expect(residentBytes(victim.pid) - idleBytes).toBeLessThan(160 * MIB);
        }),
      );
    },
  );
});

/** Field `name` of a request in JSON, with as many elements as 4 MiB have room for. */
const full = (name: string, element: string): Buffer => {
  const count = Math.floor((4 * MIB - 20) / (element.length + 1));
  return Buffer.from(`{"${name}":[${Array(count).fill(element).join(",")}]}`);
};

describe("requests in JSON delay no other call", () => {
  const LARGEST = [
    ["SetMany", "the most empty entries", full("entries", "{}")],
    ["Get", "the most lists that nothing asks for", full("x", "[]")],
  ] as const;
  const MORE = [
    ["GetMany", "the most short keys", full("keys", '"a"')],
    ["DeleteMany", "the most empty keys", full("keys", '""')],
  ] as const;
  test.each([...LARGEST, ...(isFullScale ? MORE : [])])(
    "%s: %s",
    { timeout: 60_000 },
    async (method, _, body) => {
      const victim = await startVictim();
      const session = await openSession(victim.connect());
      const headers = cacheHeaders(method, { "content-type": "application/grpc+json" });
      // The first such request loads Connect.
      expect(await call(session, headers, frame(Buffer.from("{}")))).toMatchObject({ status: "0" });
      const bystander = await startBystander(victim.target);
      await expectMedianBelow(PAUSE_MS, () =>
        pauseMs(victim, bystander, async () => {
          const outcome = await call(session, headers, frame(body));
          expect(outcome.status, outcome.message).toBe("8");
        }),
      );
    },
  );
});
