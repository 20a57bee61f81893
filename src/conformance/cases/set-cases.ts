import { checkAbsent, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { ZERO_DURATION } from "../wire-duration.js";
import { bytes } from "./sample-bytes.js";

export const setCases: readonly ConformanceCase[] = [
  {
    id: "set/replaces-value",
    title: "Set replaces the value that was there.",
    section: "3.3",
    level: "required",
    reason: "Otherwise a cache can never be brought up to date.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("a longer first value"));
      await cache.set(k, bytes("second"));
      await checkStored(cache, k, bytes("second"));
    },
  },
  {
    id: "set/leaves-other-keys",
    title: "Set changes no other key, however alike.",
    section: "3.3",
    level: "required",
    reason: "Keys that are cut or hashed too short run into each other.",
    needs: "cache",
    async run({ cache, key }) {
      const base = key();
      await cache.set(base, bytes("base"));
      await cache.set(`${base}0`, bytes("longer"));
      await checkStored(cache, base, bytes("base"));
      await checkStored(cache, `${base}0`, bytes("longer"));
      await cache.delete(`${base}0`);
    },
  },
  {
    id: "set/without-ttl-drops-old-ttl",
    title: "Set without a TTL makes an entry last for ever that had a TTL before.",
    section: "3.3",
    level: "required",
    reason: "Set replaces value and TTL; an old end would take the new value with it.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      await cache.set(k, bytes("new"));
      await time.past(lease);
      await checkStored(cache, k, bytes("new"));
    },
  },
  {
    id: "set/zero-ttl-drops-old-ttl",
    title: "Set with a TTL of zero makes an entry last for ever that had a TTL before.",
    section: "3.3",
    level: "required",
    reason: "Zero means unset; it is neither the old end nor an end at once.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      await cache.set(k, bytes("new"), ZERO_DURATION);
      await time.past(lease);
      await checkStored(cache, k, bytes("new"));
    },
  },
  {
    id: "set/longer-ttl-replaces",
    title: "Set with a longer TTL lets the entry live until the new end.",
    section: "3.3",
    level: "required",
    reason: "A timer left over from the first write would take the second value early.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const first = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      const second = await time.lease(time.units(4), (ttl) => cache.set(k, bytes("new"), ttl));
      await time.past(first);
      time.checkLive(await cache.get(k), bytes("new"), second);
    },
  },
  {
    id: "set/shorter-ttl-replaces",
    title: "Set with a shorter TTL ends the entry at the new end.",
    section: "3.3",
    level: "required",
    reason: "Keeping the later of two ends serves data that was declared stale.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("old"), time.units(1000));
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("new"), ttl));
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "set/after-expiry",
    title: "Set writes a key anew whose entry has expired.",
    section: "3.3",
    level: "required",
    reason: "It is what every plugin does after a miss.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      await time.past(lease);
      await cache.set(k, bytes("new"));
      await checkStored(cache, k, bytes("new"));
    },
  },
];
