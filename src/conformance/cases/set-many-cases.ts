import { checkAbsent, checkRefused, checkResults, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { NEGATIVE_DURATIONS } from "../wire-duration.js";
import { bytes, EMPTY_VALUE, variedBytes } from "./sample-bytes.js";

/** More than an entry may have here, so that one of a batch is refused. */
const TOO_LARGE = 5 * 1024 * 1024;

export const setManyCases: readonly ConformanceCase[] = [
  {
    id: "set-many/writes-all",
    title: "SetMany writes every entry.",
    section: "3.4",
    level: "required",
    reason: "A batch that drops entries loses data without an error.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b, c] = [key("a"), key("b"), key("c")];
      await cache.setMany([
        { key: a, value: bytes("1") },
        { key: b, value: EMPTY_VALUE },
        { key: c, value: bytes("3") },
      ]);
      checkResults(await cache.getMany([a, b, c]), [
        [a, bytes("1")],
        [b, EMPTY_VALUE],
        [c, bytes("3")],
      ]);
    },
  },
  {
    id: "set-many/last-duplicate-wins",
    title: "SetMany writes in order, so the last of several entries with one key is kept.",
    section: "3.4",
    level: "required",
    reason: "A plugin that appends its updates to one batch depends on the order.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b] = [key("a"), key("b")];
      await cache.setMany([
        { key: a, value: bytes("first") },
        { key: b, value: bytes("other") },
        { key: a, value: bytes("last") },
      ]);
      await checkStored(cache, a, bytes("last"));
      await checkStored(cache, b, bytes("other"));
    },
  },
  {
    id: "set-many/empty-list",
    title: "SetMany of no entries succeeds and changes nothing.",
    section: "3.4",
    level: "required",
    reason:
      "A plugin that filters its entries may send an empty batch, which some backends refuse.",
    needs: "cache",
    async run({ cache }) {
      await cache.setMany([]);
    },
  },
  {
    id: "set-many/one-ttl-for-all",
    title: "SetMany applies its TTL to every entry.",
    section: "3.4",
    level: "required",
    reason: "An entry without the TTL would never expire.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const keys = [key("a"), key("b"), key("c")];
      const entries = keys.map((k) => ({ key: k, value: bytes("v") }));
      const lease = await time.lease(time.units(2), (ttl) => cache.setMany(entries, ttl));
      await time.shortOf(lease);
      for (const k of keys) time.checkLive(await cache.get(k), bytes("v"), lease);
      await time.past(lease);
      for (const k of keys) await checkAbsent(cache, k);
    },
  },
  {
    id: "set-many/without-ttl-drops-old-ttl",
    title: "SetMany without a TTL removes the previous TTL of its entries.",
    section: "3.4",
    level: "required",
    reason: "SetMany has the effect of one Set for each entry.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("old"), ttl));
      await cache.setMany([{ key: k, value: bytes("new") }]);
      await time.past(lease);
      await checkStored(cache, k, bytes("new"));
    },
  },
  {
    id: "set-many/negative-ttl-writes-nothing",
    title: "SetMany with a negative TTL fails with INVALID_ARGUMENT and writes nothing.",
    section: "3.7",
    level: "required",
    reason: "A provider must check the arguments before it writes.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b] = [key("a"), key("b")];
      await cache.set(a, bytes("before"));
      const entries = [a, b].map((k) => ({ key: k, value: bytes("after") }));
      for (const ttl of NEGATIVE_DURATIONS) {
        await checkRefused(cache.setMany(entries, ttl), "INVALID_ARGUMENT");
        await checkStored(cache, a, bytes("before"));
        await checkAbsent(cache, b);
      }
    },
  },
  {
    id: "set-many/failure-names-entry",
    title: "When SetMany fails for one entry, the error names its key and position.",
    section: "3.10",
    level: "ours",
    reason: "The caller needs to know which of many entries to leave out.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key("large");
      const entries = [
        { key: key("a"), value: bytes("1") },
        { key: k, value: variedBytes(TOO_LARGE) },
      ];
      await checkRefused(cache.setMany(entries), "RESOURCE_EXHAUSTED", {
        matching: new RegExp(`\\b2 of 2\\b.*${k}`, "s"),
        meaning: 'a message that says "2 of 2" and names the key',
      });
    },
  },
  {
    id: "set-many/failure-keeps-earlier",
    title: "When SetMany fails for one entry, the entries before it stay written.",
    section: "3.10",
    level: "ours",
    reason: "Batches are not atomic.",
    needs: "cache",
    async run({ cache, key }) {
      const [before, large, after] = [key("before"), key("large"), key("after")];
      const entries = [
        { key: before, value: bytes("1") },
        { key: large, value: variedBytes(TOO_LARGE) },
        { key: after, value: bytes("3") },
      ];
      await checkRefused(cache.setMany(entries), "RESOURCE_EXHAUSTED");
      await checkStored(cache, before, bytes("1"));
      await checkAbsent(cache, large);
      await checkAbsent(cache, after);
    },
  },
];
