import { checkAbsent, checkEqual, checkFound, checkRefused, checkStored, fail } from "../check.js";
import { CallFailed } from "../cache-under-test.js";
import type { CacheContext } from "../case-context.js";
import type { StatusName } from "../grpc/status.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, variedBytes } from "./sample-bytes.js";

const MEBIBYTE = 1024 * 1024;

/** The largest message that a host accepts, in bytes. */
const HOST_REPLY_BYTES = 4_194_304;

/** What a provider may refuse a large value with: its own limit, or that of its gRPC library. */
const TOO_LARGE: readonly StatusName[] = ["RESOURCE_EXHAUSTED", "OUT_OF_RANGE"];

export const boundsCases: readonly ConformanceCase[] = [
  {
    id: "bounds/request-above-4-mib",
    title: "The provider accepts requests above 4 MiB.",
    section: "3",
    level: "recommended",
    reason:
      "The host sends requests of any size, and gRPC libraries refuse messages above 4 MiB by default.",
    needs: "wire",
    async run({ cache, key }) {
      const entries = Array.from({ length: 6 }, (_, index) => ({
        key: key(String(index)),
        value: variedBytes(MEBIBYTE),
      }));
      await cache.setMany(entries);
      for (const { key: k, value } of entries) await checkStored(cache, k, value);
    },
  },
  {
    id: "bounds/request-of-32-mib",
    title: "The provider accepts a request of 32 MiB.",
    section: "3",
    level: "ours",
    reason: "This provider accepts requests of up to 64 MiB.",
    needs: "wire",
    async run({ cache, key }) {
      const k = key();
      const value = variedBytes(MEBIBYTE);
      await cache.setMany(Array.from({ length: 32 }, () => ({ key: k, value })));
      await checkStored(cache, k, value);
    },
  },
  {
    id: "bounds/accepted-can-be-read",
    title:
      "The provider refuses a value that does not fit in the largest reply that the host accepts.",
    section: "3",
    level: "recommended",
    reason: "The host refuses replies above 4,194,304 bytes, so it could never read the value.",
    needs: "cache",
    async run({ cache, key }) {
      const overhead = 64;
      for (const size of [HOST_REPLY_BYTES - overhead, HOST_REPLY_BYTES, HOST_REPLY_BYTES + 1]) {
        const k = key();
        const value = variedBytes(size);
        try {
          await cache.set(k, value);
        } catch (error) {
          if (!(error instanceof CallFailed) || !TOO_LARGE.includes(error.status)) throw error;
          await checkAbsent(cache, k);
          continue;
        }
        checkFound(await cache.get(k), value);
        if (size > HOST_REPLY_BYTES - overhead) {
          fail(
            "RESOURCE_EXHAUSTED or OUT_OF_RANGE, or a reply of at most 4194304 bytes",
            `a value of ${size} bytes`,
          );
        }
      }
    },
  },
  {
    id: "bounds/reply-limit",
    title:
      "A GetMany whose reply would be too large fails with RESOURCE_EXHAUSTED and advises fewer keys.",
    section: "3",
    level: "ours",
    reason: "The host drops a reply that is too large, and its error does not name the cause.",
    needs: "wire",
    async run({ cache, key }) {
      const keys = Array.from({ length: 5 }, (_, index) => key(String(index)));
      for (const k of keys) await cache.set(k, variedBytes(MEBIBYTE));
      await checkRefused(cache.getMany(keys), "RESOURCE_EXHAUSTED", {
        matching: /\d{7}.*fewer/s,
        meaning: "a message that names the size and advises fewer keys",
      });
      checkEqual("results", (await cache.getMany(keys.slice(0, 3))).length, 3);
    },
  },
  {
    id: "bounds/too-large-refused",
    title:
      "A Set of an entry above maxEntryBytes fails with RESOURCE_EXHAUSTED, and the message names the key, the size and the limit.",
    section: "3.9",
    level: "ours",
    reason: "If the entry is dropped without an error, nobody can explain the later misses.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key("large");
      const size = 5 * MEBIBYTE;
      await checkRefused(cache.set(k, variedBytes(size)), "RESOURCE_EXHAUSTED", {
        matching: /:large".*\d{7}.*\d{7}/s,
        meaning: "a message that names the key, the size and the limit",
      });
      await checkAbsent(cache, k);
    },
  },
  {
    id: "bounds/too-large-keeps-entry",
    title: "A Set that fails because the entry is too large leaves the previous entry unchanged.",
    section: "3.9",
    level: "ours",
    reason: "A write that fails must change nothing.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("before"));
      await checkRefused(cache.set(k, variedBytes(5 * MEBIBYTE)), "RESOURCE_EXHAUSTED");
      await checkStored(cache, k, bytes("before"));
    },
  },
  {
    id: "bounds/max-entries",
    title: "The cache never holds more live entries than maxEntries.",
    section: "3.8",
    level: "ours",
    reason: "A bound must hold at every moment.",
    needs: "own",
    async run({ configured }) {
      const { cache, key } = await configured({ maxEntries: 3 });
      const keys = Array.from({ length: 5 }, (_, index) => key(String(index)));
      for (const k of keys) await cache.set(k, bytes("v"));
      const found = (await cache.getMany(keys)).map((result) => (result.found ? 1 : 0)).join("");
      checkEqual("entries found (1) and missing (0), oldest first:", found, "00111");
    },
  },
  {
    id: "bounds/max-bytes",
    title: "The values in the cache never take more than maxBytes.",
    section: "3.8",
    level: "ours",
    reason: "Operators choose the bound by the memory that they have.",
    needs: "own",
    async run({ configured }) {
      const { cache, key } = await configured({ maxBytes: 2 * MEBIBYTE });
      const value = variedBytes(16 * 1024);
      const keys = Array.from({ length: 400 }, (_, index) => key(String(index)));
      for (const k of keys) await cache.set(k, value);
      let held = 0;
      for (const k of keys) if ((await cache.get(k)).found) held += value.byteLength;
      if (held > 2 * MEBIBYTE) fail("at most 2097152 bytes held", `${held} bytes`);
      if (held < MEBIBYTE / 2) fail("at least 524288 bytes held", `${held} bytes`);
      await checkStored(cache, keys.at(-1) as string, value);
    },
  },
  {
    id: "bounds/get-counts-as-use",
    title: "Get counts as a use, so eviction removes another entry first.",
    section: "3.8",
    level: "ours",
    reason: "LRU eviction keeps the entries that are read.",
    needs: "own",
    async run({ configured }) {
      await checkUse(await configured({ maxEntries: 3 }), ({ cache }, k) => cache.get(k));
    },
  },
  {
    id: "bounds/get-many-counts-as-use",
    title: "GetMany counts as a use.",
    section: "3.8",
    level: "ours",
    reason: "Otherwise entries that are read only in batches would be evicted first.",
    needs: "own",
    async run({ configured }) {
      await checkUse(await configured({ maxEntries: 3 }), ({ cache }, k) => cache.getMany([k]));
    },
  },
  {
    id: "bounds/set-counts-as-use",
    title: "Set of an existing key counts as a use.",
    section: "3.8",
    level: "ours",
    reason: "Otherwise the newest value would be evicted next.",
    needs: "own",
    async run({ configured }) {
      await checkUse(await configured({ maxEntries: 3 }), ({ cache }, k) =>
        cache.set(k, bytes("v")),
      );
    },
  },
  {
    id: "bounds/touch-counts-as-use",
    title: "Touch counts as a use.",
    section: "3.6",
    level: "ours",
    reason: "A session that is kept alive is in use.",
    needs: "own",
    async run({ configured }) {
      await checkUse(await configured({ maxEntries: 3 }), ({ cache }, k) => cache.touch(k));
    },
  },
  {
    id: "bounds/expired-goes-first",
    title: "The cache removes expired entries before it evicts a live one.",
    section: "3.8",
    level: "ours",
    reason: "An expired entry must not displace a live one.",
    needs: "own",
    waits: true,
    async run({ configured }) {
      const { cache, key, time } = await configured({ maxEntries: 3 });
      const [old, mortal, young, last] = [key("old"), key("mortal"), key("young"), key("last")];
      await cache.set(old, bytes("v"));
      const lease = await time.lease(time.units(1), (ttl) => cache.set(mortal, bytes("v"), ttl));
      await cache.set(young, bytes("v"));
      await cache.get(mortal);
      await time.past(lease);
      await cache.set(last, bytes("v"));
      for (const k of [old, young, last]) await checkStored(cache, k, bytes("v"));
    },
  },
];

/** In a cache of three, the oldest entry must outlive the second when it was used last. */
async function checkUse(
  context: CacheContext,
  use: (context: CacheContext, key: string) => Promise<unknown>,
): Promise<void> {
  const { cache, key } = context;
  const [oldest, second, third, fourth] = [key("1"), key("2"), key("3"), key("4")];
  for (const k of [oldest, second, third]) await cache.set(k, bytes("v"));
  await use(context, oldest);
  await cache.set(fourth, bytes("v"));
  await checkAbsent(cache, second);
  for (const k of [oldest, third, fourth]) await checkStored(cache, k, bytes("v"));
}
