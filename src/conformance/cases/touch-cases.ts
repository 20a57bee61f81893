import { checkAbsent, checkEqual, checkRefused, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { NEGATIVE_DURATIONS, ZERO_DURATION } from "../wire-duration.js";
import { bytes, EMPTY_VALUE } from "./sample-bytes.js";

export const touchCases: readonly ConformanceCase[] = [
  {
    id: "touch/live-is-true",
    title: "Touch of a live key returns true and keeps the value.",
    section: "3.6",
    level: "required",
    reason: "Plugins treat false as an expired session.",
    needs: "cache",
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("v"));
      checkEqual("touched", await cache.touch(k, time.units(1000)), true);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "touch/missing-is-false",
    title: "Touch of a missing key returns false and creates no entry.",
    section: "3.6",
    level: "required",
    reason: "Otherwise a Get would find an entry that no plugin stored.",
    needs: "cache",
    async run({ cache, key, time }) {
      const k = key();
      checkEqual("touched", await cache.touch(k, time.units(1000)), false);
      checkEqual("touched", await cache.touch(k), false);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "touch/empty-value-is-true",
    title: "Touch of an entry with an empty value returns true.",
    section: "3.6",
    level: "required",
    reason: "An entry with an empty value is a live entry.",
    needs: "cache",
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      checkEqual("touched", await cache.touch(k, time.units(1000)), true);
    },
  },
  {
    id: "touch/extends-from-now",
    title: "Touch sets a TTL that starts now, so the entry outlives its previous TTL.",
    section: "3.6",
    level: "required",
    reason: "Sliding sessions depend on it.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const first = await time.lease(time.units(2), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.shortOf(first);
      const second = await time.lease(time.units(3), (ttl) => cache.touch(k, ttl));
      if (!second.answer) time.assertInTime(first);
      checkEqual("touched", second.answer, true);
      await time.past(first);
      time.checkLive(await cache.get(k), bytes("v"), second);
      await time.past(second);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "touch/shortens",
    title: "Touch with a shorter TTL shortens the life of the entry.",
    section: "3.6",
    level: "required",
    reason: "Touch replaces the TTL and does not keep the longer one.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("v"), time.units(1000));
      const lease = await time.lease(time.units(1), (ttl) => cache.touch(k, ttl));
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "touch/gives-ttl",
    title: "Touch sets a TTL on an entry without one.",
    section: "3.6",
    level: "required",
    reason: "Plugins limit the life of an existing entry in this way.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("v"));
      const lease = await time.lease(time.units(1), (ttl) => cache.touch(k, ttl));
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "touch/unset-removes-expiry",
    title: "Touch without a TTL removes the expiry.",
    section: "3.6",
    level: "required",
    reason: "An unset TTL means that the entry never expires, in Touch as in Set.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(2), (ttl) => cache.set(k, bytes("v"), ttl));
      const touched = await cache.touch(k);
      if (!touched) time.assertInTime(lease);
      checkEqual("touched", touched, true);
      await time.past(lease);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "touch/zero-removes-expiry",
    title: "Touch with a TTL of zero removes the expiry.",
    section: "3.6",
    level: "required",
    reason:
      "Zero means that the entry never expires, but EXPIRE with zero deletes the key in some backends.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(2), (ttl) => cache.set(k, bytes("v"), ttl));
      const touched = await cache.touch(k, ZERO_DURATION);
      if (!touched) time.assertInTime(lease);
      checkEqual("touched", touched, true);
      await time.past(lease);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "touch/expired-is-false",
    title: "Touch of an expired key returns false.",
    section: "3.6",
    level: "required",
    reason: "Otherwise the plugin would continue a session whose data no longer exists.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.past(lease);
      checkEqual("touched", await cache.touch(k, time.units(1000)), false);
    },
  },
  {
    id: "touch/does-not-revive",
    title: "Touch of an expired key does not restore its entry.",
    section: "3.6",
    level: "required",
    reason: "A session that has expired must stay expired.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.past(lease);
      await cache.touch(k, time.units(1000));
      await cache.touch(k);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "touch/negative-ttl-refused",
    title: "Touch with a negative TTL fails with INVALID_ARGUMENT and changes nothing.",
    section: "3.7",
    level: "required",
    reason: "EXPIRE with a negative time deletes the key in some backends.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("v"));
      for (const ttl of NEGATIVE_DURATIONS) {
        await checkRefused(cache.touch(k, ttl), "INVALID_ARGUMENT");
        await checkStored(cache, k, bytes("v"));
      }
    },
  },
];
