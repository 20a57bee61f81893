import { checkAbsent, checkEqual, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, EMPTY_VALUE } from "./sample-bytes.js";

export const deleteCases: readonly ConformanceCase[] = [
  {
    id: "delete/removes",
    title: "Delete removes a live entry and returns true.",
    section: "3.5",
    level: "required",
    reason: "A stale entry stays in the cache when its removal fails.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("v"));
      checkEqual("deleted", await cache.delete(k), true);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "delete/missing-is-false",
    title: "Delete of a missing key returns false.",
    section: "3.5",
    level: "required",
    reason: "Plugins use the result to find out which of them removed the entry.",
    needs: "cache",
    async run({ cache, key }) {
      checkEqual("deleted", await cache.delete(key()), false);
    },
  },
  {
    id: "delete/twice-is-false",
    title: "Delete of a key that is already deleted returns false.",
    section: "3.5",
    level: "required",
    reason: "Delete returns true only for a live entry.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("v"));
      await cache.delete(k);
      checkEqual("deleted", await cache.delete(k), false);
    },
  },
  {
    id: "delete/empty-value-is-true",
    title: "Delete of an entry with an empty value returns true.",
    section: "3.5",
    level: "required",
    reason: "An entry with an empty value is a live entry.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      checkEqual("deleted", await cache.delete(k), true);
    },
  },
  {
    id: "delete/leaves-other-keys",
    title: "Delete removes no other key, however similar.",
    section: "3.5",
    level: "required",
    reason: "A backend that treats the key as a pattern removes other entries.",
    needs: "cache",
    async run({ cache, key, derivedKey }) {
      const base = key();
      const [digit, star, mark] = [
        derivedKey(`${base}0`),
        derivedKey(`${base}*`),
        derivedKey(`${base}?`),
      ];
      for (const k of [base, digit, star, mark]) await cache.set(k, bytes("v"));
      await cache.delete(star);
      await cache.delete(base);
      await checkStored(cache, digit, bytes("v"));
      await checkStored(cache, mark, bytes("v"));
    },
  },
  {
    id: "delete/expired-is-false",
    title: "Delete of an expired key returns false.",
    section: "3.5",
    level: "required",
    reason: "An expired entry does not exist, even while it is still in memory.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.past(lease);
      checkEqual("deleted", await cache.delete(k), false);
    },
  },
  {
    id: "delete/forgets-ttl",
    title: "A key that is set again after Delete does not inherit the TTL of the deleted entry.",
    section: "3.5",
    level: "required",
    reason: "A timer that remains after Delete would remove the new entry.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      await cache.delete(k);
      await cache.set(k, bytes("new"));
      await time.past(lease);
      await checkStored(cache, k, bytes("new"));
    },
  },
  {
    id: "delete-many/counts-live",
    title: "DeleteMany removes its keys and returns the number of live entries removed.",
    section: "3.5",
    level: "required",
    reason: "Callers need to know how many entries existed, not how many keys they sent.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b, missing, kept] = [key("a"), key("b"), key("missing"), key("kept")];
      for (const k of [a, b, kept]) await cache.set(k, bytes("v"));
      checkEqual("deleted", await cache.deleteMany([a, missing, b]), 2);
      await checkAbsent(cache, a);
      await checkAbsent(cache, b);
      await checkStored(cache, kept, bytes("v"));
    },
  },
  {
    id: "delete-many/counts-duplicates-once",
    title: "DeleteMany counts a duplicate key once.",
    section: "3.5",
    level: "required",
    reason: "It removes one entry, and the result is the number of entries.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b] = [key("a"), key("b")];
      for (const k of [a, b]) await cache.set(k, bytes("v"));
      checkEqual("deleted", await cache.deleteMany([a, b, a, a]), 2);
    },
  },
  {
    id: "delete-many/empty-list",
    title: "DeleteMany of no keys returns zero.",
    section: "3.5",
    level: "required",
    reason: "A plugin that filters its keys may send an empty batch, which some backends refuse.",
    needs: "cache",
    async run({ cache }) {
      checkEqual("deleted", await cache.deleteMany([]), 0);
    },
  },
  {
    id: "delete-many/expired-not-counted",
    title: "DeleteMany does not count expired entries.",
    section: "3.5",
    level: "required",
    reason: "An expired entry does not exist, even while it is still in memory.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const [mortal, lasting] = [key("mortal"), key("lasting")];
      await cache.set(lasting, bytes("v"));
      const lease = await time.lease(time.units(1), (ttl) => cache.set(mortal, bytes("v"), ttl));
      await time.past(lease);
      checkEqual("deleted", await cache.deleteMany([mortal, lasting]), 1);
    },
  },
];
