import { checkAbsent, checkEqual, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, EMPTY_VALUE } from "./sample-bytes.js";

export const deleteCases: readonly ConformanceCase[] = [
  {
    id: "delete/removes",
    title: "Delete removes a live entry and answers true.",
    section: "3.5",
    level: "required",
    reason: "Invalidation is the half of caching that must not fail silently.",
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
    title: "Delete of a missing key answers false.",
    section: "3.5",
    level: "required",
    reason: "Plugins use the answer to tell who removed an entry first.",
    needs: "cache",
    async run({ cache, key }) {
      checkEqual("deleted", await cache.delete(key()), false);
    },
  },
  {
    id: "delete/twice-is-false",
    title: "Delete of a key that was deleted before answers false.",
    section: "3.5",
    level: "required",
    reason: "True only if a live entry was there; a tombstone is none.",
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
    title: "Delete of an entry whose value is empty answers true.",
    section: "3.5",
    level: "required",
    reason: "The empty value is a value; its entry is live.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      checkEqual("deleted", await cache.delete(k), true);
    },
  },
  {
    id: "delete/leaves-other-keys",
    title: "Delete removes no other key, however alike.",
    section: "3.5",
    level: "required",
    reason: "A backend's pattern delete takes more than was asked for.",
    needs: "cache",
    async run({ cache, key }) {
      const base = key();
      const others = [`${base}0`, `${base}*`, `${base}?`];
      for (const k of [base, ...others]) await cache.set(k, bytes("v"));
      await cache.delete(`${base}*`);
      await cache.delete(base);
      await checkStored(cache, `${base}0`, bytes("v"));
      await checkStored(cache, `${base}?`, bytes("v"));
      for (const k of others) await cache.delete(k);
    },
  },
  {
    id: "delete/expired-is-false",
    title: "Delete of an expired key answers false.",
    section: "3.5",
    level: "required",
    reason: "Whether expired entries are still in memory is nobody's business.",
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
    title: "A key written anew after Delete does not inherit the TTL of the deleted entry.",
    section: "3.5",
    level: "required",
    reason: "A timer that outlives its entry takes the next one.",
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
    title: "DeleteMany removes its keys and answers how many live entries there were.",
    section: "3.5",
    level: "required",
    reason: "A count of keys asked for says nothing about what was there.",
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
    title: "DeleteMany counts a key that is given twice once.",
    section: "3.5",
    level: "required",
    reason: "It removes one entry, and the answer is the number of entries.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b] = [key("a"), key("b")];
      for (const k of [a, b]) await cache.set(k, bytes("v"));
      checkEqual("deleted", await cache.deleteMany([a, b, a, a]), 2);
    },
  },
  {
    id: "delete-many/empty-list",
    title: "DeleteMany of no keys answers zero.",
    section: "3.5",
    level: "required",
    reason: "Backends refuse empty batches; a plugin that filters its keys sends them.",
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
    reason: "Only live entries count, also where expired ones still lie about.",
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
