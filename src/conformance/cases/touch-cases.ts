import { checkAbsent, checkEqual, checkRefused, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { ZERO_DURATION } from "../wire-duration.js";
import { bytes, EMPTY_VALUE } from "./sample-bytes.js";

export const touchCases: readonly ConformanceCase[] = [
  {
    id: "touch/live-is-true",
    title: "Touch of a live key answers true and keeps the value.",
    section: "3.6",
    level: "required",
    reason: "Plugins take false for a session that has ended.",
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
    title: "Touch of a missing key answers false and creates nothing.",
    section: "3.6",
    level: "required",
    reason: "An entry that nobody wrote would be found, with nothing in it.",
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
    title: "Touch of an entry whose value is empty answers true.",
    section: "3.6",
    level: "required",
    reason: "The empty value is a value; its entry is live.",
    needs: "cache",
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      checkEqual("touched", await cache.touch(k, time.units(1000)), true);
    },
  },
  {
    id: "touch/extends-from-now",
    title: "Touch sets the new TTL from now: an entry lives past its old end.",
    section: "3.6",
    level: "required",
    reason: "It is how sliding sessions stay alive.",
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
    title: "Touch with a shorter TTL ends the entry sooner.",
    section: "3.6",
    level: "required",
    reason: "Touch sets the TTL; it does not take the longer of two.",
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
    title: "Touch gives a TTL to an entry that had none.",
    section: "3.6",
    level: "required",
    reason: "An entry that was to last for ever can be made to end.",
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
    reason: "Unset means for ever with Touch as with Set; keeping the old end loses the entry.",
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
    reason: "Zero means unset; a backend's EXPIRE with zero deletes the key instead.",
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
    title: "Touch of an expired key answers false.",
    section: "3.6",
    level: "required",
    reason: "The plugin would go on with a session whose data is gone.",
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
    title: "Touch of an expired key brings nothing back to life.",
    section: "3.6",
    level: "required",
    reason: "An ended session must stay ended.",
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
    title: "Touch with a negative TTL is INVALID_ARGUMENT and changes nothing.",
    section: "3.7",
    level: "required",
    reason: "A backend's EXPIRE with a negative time deletes the key.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("v"));
      await checkRefused(cache.touch(k, { seconds: -1n, nanos: 0 }), "INVALID_ARGUMENT");
      await checkStored(cache, k, bytes("v"));
    },
  },
];
