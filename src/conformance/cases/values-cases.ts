import { checkResults, checkStored } from "../check.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes, EMPTY_VALUE, variedBytes } from "./sample-bytes.js";

const MEBIBYTE = 1024 * 1024;

export const valuesCases: readonly ConformanceCase[] = [
  {
    id: "values/empty",
    title: "The empty value is a valid value: Get finds it, with zero bytes.",
    section: "3",
    level: "required",
    reason: "Plugins store it to remember that a lookup found nothing.",
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
    reason: "A write of zero bytes is a write.",
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
    title: "Get returns every byte of a value unchanged.",
    section: "3",
    level: "required",
    reason: "A provider that treats values as text replaces bytes that are not valid UTF-8.",
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
    title: "NUL bytes, newlines and spaces at the ends of a value are part of it.",
    section: "3",
    level: "required",
    reason: "Text protocols trim lines, and C strings end at a NUL.",
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
    title: "Get returns a value of 1 MiB completely.",
    section: "3",
    level: "required",
    reason: "Buffers and message limits truncate values that small tests do not contain.",
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
    title: "Set stores a copy, so later changes to the caller's bytes have no effect.",
    section: "3.3",
    level: "required",
    reason: "Callers reuse their buffers, and a cache that keeps them changes with them.",
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
    title: "SetMany stores copies, so later changes to the caller's bytes have no effect.",
    section: "3.4",
    level: "required",
    reason: "SetMany has the effect of one Set for each entry.",
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
    title: "Get returns a copy, so changes to the result do not change the entry.",
    section: "3.1",
    level: "recommended",
    reason: "The caller owns the result of a provider in process.",
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
    title: "A value that Get has returned does not change when its key is set again.",
    section: "3.1",
    level: "required",
    reason:
      "A reply waits to be sent, and a value that changes in the meantime mixes old and new bytes.",
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
