import { checkAbsent, checkResults } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, EMPTY_VALUE } from "./sample-bytes.js";

export const getManyCases: readonly ConformanceCase[] = [
  {
    id: "get-many/request-order",
    title: "GetMany returns its results in the order of the request.",
    section: "3.2",
    level: "required",
    reason: "Clients match results with keys by position.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b, c] = [key("c"), key("a"), key("b")];
      await cache.set(a, bytes("1"));
      await cache.set(b, bytes("2"));
      await cache.set(c, bytes("3"));
      checkResults(await cache.getMany([c, a, b]), [
        [c, bytes("3")],
        [a, bytes("1")],
        [b, bytes("2")],
      ]);
    },
  },
  {
    id: "get-many/includes-misses",
    title: "GetMany returns a not-found result for a missing key.",
    section: "3.2",
    level: "required",
    reason:
      "Clients match results with keys by position, so a gap would shift the results after it.",
    needs: "cache",
    async run({ cache, key }) {
      const [missing, live, alsoMissing] = [key("1"), key("2"), key("3")];
      await cache.set(live, bytes("v"));
      checkResults(await cache.getMany([missing, live, alsoMissing]), [
        [missing, undefined],
        [live, bytes("v")],
        [alsoMissing, undefined],
      ]);
    },
  },
  {
    id: "get-many/answers-duplicates",
    title: "GetMany returns one result for each occurrence of a duplicate key.",
    section: "3.2",
    level: "required",
    reason:
      "Clients match results with keys by position, so a merged result would shift the results after it.",
    needs: "cache",
    async run({ cache, key }) {
      const [a, b] = [key("a"), key("b")];
      await cache.set(a, bytes("1"));
      await cache.set(b, bytes("2"));
      checkResults(await cache.getMany([a, b, a]), [
        [a, bytes("1")],
        [b, bytes("2")],
        [a, bytes("1")],
      ]);
    },
  },
  {
    id: "get-many/keys-as-sent",
    title: "Each result of GetMany has the key exactly as it was sent.",
    section: "3.2",
    level: "required",
    reason:
      "SDKs build their results from these keys, so a prefix of the backend would be visible.",
    needs: "cache",
    async run({ cache, key }) {
      const [upper, spaced] = [key("UPPER"), key(" spaced ")];
      await cache.set(upper, bytes("1"));
      checkResults(await cache.getMany([upper, spaced]), [
        [upper, bytes("1")],
        [spaced, undefined],
      ]);
    },
  },
  {
    id: "get-many/empty-list",
    title: "GetMany of no keys returns no results.",
    section: "3.2",
    level: "required",
    reason: "A plugin that filters its keys may send an empty batch, which some backends refuse.",
    needs: "cache",
    async run({ cache }) {
      checkResults(await cache.getMany([]), []);
    },
  },
  {
    id: "get-many/finds-empty-value",
    title: "GetMany finds an entry with an empty value.",
    section: "3",
    level: "required",
    reason: "An empty value is a value, not a miss.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      checkResults(await cache.getMany([k]), [[k, EMPTY_VALUE]]);
    },
  },
  {
    id: "get-many/thousand-keys",
    title: "GetMany returns a thousand results in one call, each at its position.",
    section: "3.2",
    level: "required",
    reason: "A provider that truncates or reorders a large batch loses data.",
    needs: "cache",
    async run({ cache, key }) {
      const keys = Array.from({ length: 1000 }, (_, index) => key(String(index)));
      const entries = keys.map((k, index) => ({ key: k, value: bytes(`value ${index}`) }));
      await cache.setMany(entries.filter((_, index) => index % 3 !== 0));
      checkResults(
        await cache.getMany(keys),
        entries.map(({ key: k, value }, index) => [k, index % 3 === 0 ? undefined : value]),
      );
    },
  },
  {
    id: "get-many/expired-is-missing",
    title: "GetMany returns not found for an expired key.",
    section: "3.2",
    level: "required",
    reason: "A batch that skips the TTL check returns stale data.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const [mortal, lasting] = [key("mortal"), key("lasting")];
      await cache.set(lasting, bytes("here"));
      const lease = await time.lease(time.units(1), (ttl) => cache.set(mortal, bytes("v"), ttl));
      await time.past(lease);
      checkResults(await cache.getMany([mortal, lasting]), [
        [mortal, undefined],
        [lasting, bytes("here")],
      ]);
      await checkAbsent(cache, mortal);
    },
  },
];
