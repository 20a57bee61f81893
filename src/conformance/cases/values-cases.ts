import { checkResults, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, EMPTY_VALUE, variedBytes } from "./sample-bytes.js";

const MEBIBYTE = 1024 * 1024;

export const valuesCases: readonly ConformanceCase[] = [
  {
    id: "values/empty",
    title: "The empty value is a value: found, with zero bytes.",
    section: "3",
    level: "required",
    reason: "Plugins store it to remember that there is nothing to find.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, EMPTY_VALUE);
      await checkStored(cache, k, EMPTY_VALUE);
    },
  },
  {
    id: "values/empty-replaces",
    title: "The empty value replaces a longer one.",
    section: "3.3",
    level: "required",
    reason: "A write of nothing is a write.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      await cache.set(k, bytes("something"));
      await cache.set(k, EMPTY_VALUE);
      await checkStored(cache, k, EMPTY_VALUE);
    },
  },
  {
    id: "values/every-byte",
    title: "Values are opaque bytes: every byte comes back as it was.",
    section: "3",
    level: "required",
    reason: "Values pass as text somewhere, and bytes that are no UTF-8 are replaced.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await cache.set(k, every);
      await checkStored(cache, k, every);
    },
  },
  {
    id: "values/not-trimmed",
    title: "Zero bytes, newlines and spaces at the ends of a value are part of it.",
    section: "3",
    level: "required",
    reason: "Text protocols trim lines, and C strings end at a zero.",
    needs: "cache",
    async run({ cache, key }) {
      for (const text of ["\0", "\0\0a\0", " a ", "a\r\n"]) {
        const k = key();
        await cache.set(k, bytes(text));
        await checkStored(cache, k, bytes(text));
      }
    },
  },
  {
    id: "values/one-mebibyte",
    title: "A value of 1 MiB comes back whole.",
    section: "3",
    level: "required",
    reason: "Buffers and message limits cut values that small tests never reach.",
    needs: "cache",
    async run({ cache, key }) {
      const k = key();
      const value = variedBytes(MEBIBYTE);
      await cache.set(k, value);
      await checkStored(cache, k, value);
    },
  },
  {
    id: "values/copied-in",
    title: "Set stores a copy: changing the caller's bytes afterwards changes nothing.",
    section: "3.3",
    level: "required",
    reason: "Buffers are used again; a cache that keeps them changes behind everyone's back.",
    needs: "object",
    async run({ cache, provider, key }) {
      const k = key();
      const mine = Uint8Array.from(bytes("mine"));
      await provider.set(k, mine);
      mine.fill(0x21);
      await checkStored(cache, k, bytes("mine"));
    },
  },
  {
    id: "values/copied-in-by-batches",
    title: "SetMany stores copies: changing the caller's bytes afterwards changes nothing.",
    section: "3.4",
    level: "required",
    reason: "A batch is nothing but single writes in order.",
    needs: "object",
    async run({ cache, provider, key }) {
      const [a, b] = [key("a"), key("b")];
      const shared = Uint8Array.from(bytes("first|second"));
      await provider.setMany([
        { key: a, value: shared.subarray(0, 5) },
        { key: b, value: shared.subarray(6) },
      ]);
      shared.fill(0x21);
      checkResults(await cache.getMany([a, b]), [
        [a, bytes("first")],
        [b, bytes("second")],
      ]);
    },
  },
  {
    id: "values/copied-out",
    title: "Get answers a copy: changing the answer changes nothing in the cache.",
    section: "3.1",
    level: "recommended",
    reason: "Over the wire it makes no difference; in process the caller owns what it gets.",
    needs: "object",
    async run({ cache, provider, key }) {
      const k = key();
      await cache.set(k, bytes("stored"));
      (await provider.get(k))?.fill(0x21);
      await checkStored(cache, k, bytes("stored"));
    },
  },
  {
    id: "values/not-changed-by-later-writes",
    title: "A value that was answered does not change when its key is written again.",
    section: "3.1",
    level: "required",
    reason: "Answers wait to be sent; one that changes meanwhile is half of each.",
    needs: "object",
    async run({ cache, provider, key }) {
      const k = key();
      await cache.set(k, bytes("first"));
      const answered = await provider.get(k);
      await cache.set(k, bytes("other"));
      checkResults(
        [{ key: k, found: true, value: answered ?? EMPTY_VALUE }],
        [[k, bytes("first")]],
      );
    },
  },
];
