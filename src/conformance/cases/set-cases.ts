import { checkAbsent, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { ZERO_DURATION } from "../wire-duration.js";
import { bytes } from "./sample-bytes.js";

export const setCases: readonly ConformanceCase[] = [
  {
    id: "set/replaces-value",
    title: "Set replaces the previous value.",
    section: "3.3",
    level: "required",
    reason: "Otherwise a plugin could not update an entry.",
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
    title: "Set changes no other key, however similar.",
    section: "3.3",
    level: "required",
    reason: "A backend that truncates keys or uses a short hash merges different keys.",
    needs: "cache",
    async run({ cache, key, derivedKey }) {
      const base = key();
      const longer = derivedKey(`${base}0`);
      await cache.set(base, bytes("base"));
      await cache.set(longer, bytes("longer"));
      await checkStored(cache, base, bytes("base"));
      await checkStored(cache, longer, bytes("longer"));
    },
  },
  {
    id: "set/without-ttl-drops-old-ttl",
    title: "Set without a TTL removes the previous TTL.",
    section: "3.3",
    level: "required",
    reason: "Set replaces value and TTL, and the previous TTL would remove the new value.",
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
    title: "Set with a TTL of zero removes the previous TTL.",
    section: "3.3",
    level: "required",
    reason: "Zero means that the entry never expires.",
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
    title: "Set with a longer TTL replaces the previous TTL.",
    section: "3.3",
    level: "required",
    reason: "A timer that remains from the first write would remove the new value too early.",
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
    title: "Set with a shorter TTL replaces the previous TTL.",
    section: "3.3",
    level: "required",
    reason: "A provider that keeps the longer TTL returns stale data.",
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
    title: "Set of an expired key stores the new value.",
    section: "3.3",
    level: "required",
    reason: "Plugins do this after each miss.",
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
