import { checkAbsent, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes } from "./sample-bytes.js";

export const getCases: readonly ConformanceCase[] = [
  {
    id: "get/finds-exact-copy",
    title: "Get of a live key answers found with an exact copy of the value.",
    section: "3.1",
    level: "required",
    reason: "It is what a cache is for.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("value"));
      await checkStored(cache, k, bytes("value"));
    },
  },
  {
    id: "get/missing-is-an-answer",
    title: "Get of a missing key answers not found, without a value, and is no error.",
    section: "3.1",
    level: "required",
    reason: "A miss is the normal case of a cache; an error would reach the plugin as a failure.",
    needs: "cache",
    async run({ cache, key }) {
      await checkAbsent(cache, key());
    },
  },
  {
    id: "get/reads-again",
    title: "Get may be repeated: reading takes nothing away.",
    section: "3.1",
    level: "required",
    reason: "A value that can be read once is a queue, not a cache.",
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
    reason: "A session that is looked at would never end.",
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
