import { checkAbsent, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes } from "./sample-bytes.js";

export const getCases: readonly ConformanceCase[] = [
  {
    id: "get/finds-exact-copy",
    title: "Get of a live key returns an exact copy of its value.",
    section: "3.1",
    level: "required",
    reason: "A cache must return what was stored.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("value"));
      await checkStored(cache, k, bytes("value"));
    },
  },
  {
    id: "get/missing-is-an-answer",
    title: "Get of a missing key returns not found, without a value and without an error.",
    section: "3.1",
    level: "required",
    reason: "A miss is normal, and a plugin would treat an error as a failure.",
    needs: "cache",
    async run({ cache, key }) {
      await checkAbsent(cache, key());
    },
  },
  {
    id: "get/reads-again",
    title: "Get leaves the entry in the cache.",
    section: "3.1",
    level: "required",
    reason: "A cache is not a queue: its entries are read many times.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("kept"));
      for (let read = 0; read < 3; read++) await checkStored(cache, k, bytes("kept"));
    },
  },
  {
    id: "get/does-not-extend-ttl",
    title: "Get does not extend the TTL.",
    section: "3.1",
    level: "required",
    reason: "Otherwise a session that is read often would never expire.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(2), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.shortOf(lease);
      time.checkLive(await cache.get(k), bytes("v"), lease);
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
];
