import { randomInt } from "node:crypto";
import { checkAbsent, checkEqual, checkResults, checkStored, fail } from "../check.js";
import { CallFailed } from "../cache-under-test.js";
import type { CacheContext } from "../case-context.js";
import type { ConformanceCase } from "../conformance-case.js";
import { bytes } from "./sample-bytes.js";

/** Names that a plain object has already, or treats in its own way. */
const OBJECT_NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty"];

const LONG_KEY_LENGTH = 64 * 1024;

export const keysCases: readonly ConformanceCase[] = [
  {
    id: "keys/empty",
    title: "The empty key is a valid key.",
    section: "3",
    level: "required",
    reason: "A key is any UTF-8 string, and a backend that refuses the empty one needs a prefix.",
    needs: "cache",
    async run(context) {
      const k = await context.bareKey("");
      await checkRoundTrip(context, k);
    },
  },
  {
    id: "keys/control-characters",
    title: "A key may contain NUL, newlines and other control characters.",
    section: "3",
    level: "required",
    reason: "Text protocols end a command at these characters or truncate the key.",
    needs: "cache",
    async run(context) {
      for (const tail of ["\0", "a\0b", "line\nline\r\n", "\t\u007f\u0085"]) {
        await checkRoundTrip(context, context.key(tail));
      }
    },
  },
  {
    id: "keys/nul-does-not-cut",
    title: "Keys that differ only after a NUL are different keys.",
    section: "3",
    level: "required",
    reason: "C strings end at the NUL, so the two keys would become one.",
    needs: "cache",
    async run({ cache, key, derivedKey }) {
      const base = key("\0");
      const [a, b] = [derivedKey(`${base}a`), derivedKey(`${base}b`)];
      await cache.set(a, bytes("a"));
      await cache.set(b, bytes("b"));
      await checkStored(cache, a, bytes("a"));
    },
  },
  {
    id: "keys/object-names",
    title: "Names such as __proto__ and constructor are ordinary keys.",
    section: "3",
    level: "required",
    reason: "A plain object used as a map finds or loses these names.",
    needs: "cache",
    async run(context) {
      await checkNotInherited(context);
      for (const name of OBJECT_NAMES) {
        const k = await context.bareKey(name);
        await checkAbsent(context.cache, k);
        await checkRoundTrip(context, k);
      }
    },
  },
  {
    id: "keys/object-names-in-batches",
    title: "Names such as __proto__ are ordinary keys in batches.",
    section: "3",
    level: "required",
    reason: "A record with a prototype finds or loses these names.",
    needs: "cache",
    async run(context) {
      await checkNotInherited(context);
      const { cache, bareKey } = context;
      for (const name of OBJECT_NAMES) await bareKey(name);
      await cache.setMany(OBJECT_NAMES.map((name) => ({ key: name, value: bytes(name) })));
      checkResults(
        await cache.getMany(OBJECT_NAMES),
        OBJECT_NAMES.map((name) => [name, bytes(name)]),
      );
      checkEqual("deleted", await cache.deleteMany(OBJECT_NAMES), OBJECT_NAMES.length);
    },
  },
  {
    id: "keys/unicode",
    title: "A key may contain any Unicode text, including emoji.",
    section: "3",
    level: "required",
    reason: "Some languages store characters above U+FFFF as two units and may split them.",
    needs: "cache",
    async run(context) {
      for (const tail of ["straße", "キー", "👩‍👩‍👧‍👦", "\u{10ffff}", "\ufeff", "\ufffd"]) {
        await checkRoundTrip(context, context.key(tail));
      }
    },
  },
  {
    id: "keys/not-normalised",
    title:
      "Keys with different bytes are different keys: case, white space and composition are significant.",
    section: "3",
    level: "required",
    reason: "A backend that normalizes or trims keys merges the entries of different plugins.",
    needs: "cache",
    async run({ cache, key, derivedKey }) {
      const base = key();
      const tails = ["\u00e9", "e\u0301", "E\u0301", " e", "e ", "e"];
      for (const tail of tails) await cache.set(derivedKey(base + tail), bytes(tail));
      for (const tail of tails) await checkStored(cache, base + tail, bytes(tail));
    },
  },
  {
    id: "keys/half-surrogates",
    title: "A key with a lone surrogate is refused, or stays different from every other key.",
    section: "3",
    level: "recommended",
    reason: "UTF-8 cannot encode it, and an encoder that replaces it merges different keys.",
    needs: "object",
    async run({ cache, key, derivedKey }) {
      const base = key();
      await refusable(() => cache.set(derivedKey(`${base}\ud800`), bytes("half")));
      for (const other of ["\udfff", "\ud801", "\ufffd", "?", ""]) {
        // A provider that replaces the surrogate has written one of these.
        await refusable(() => checkAbsent(cache, derivedKey(base + other)));
      }
    },
  },
  {
    id: "keys/order-of-numbers",
    title: "Keys that look like numbers keep their order in a batch.",
    section: "3.2",
    level: "required",
    reason: "A plain object sorts such keys, so the results would be in another order.",
    needs: "cache",
    async run({ cache, bareKey }) {
      const keys = numberKeys();
      for (const k of keys) await bareKey(k);
      await cache.setMany(keys.map((k) => ({ key: k, value: bytes(k) })));
      checkResults(
        await cache.getMany(keys),
        keys.map((k) => [k, bytes(k)]),
      );
    },
  },
  {
    id: "keys/very-long",
    title: "A key of 64 KiB is valid, and its last character is significant.",
    section: "3",
    level: "required",
    reason: "A provider must hash long keys if its backend truncates or refuses them.",
    needs: "cache",
    async run({ cache, key, derivedKey }) {
      const long = key("x".repeat(LONG_KEY_LENGTH));
      const other = derivedKey(`${long.slice(0, -1)}y`);
      await cache.set(long, bytes("x"));
      await cache.set(other, bytes("y"));
      await checkStored(cache, long, bytes("x"));
      await checkStored(cache, other, bytes("y"));
      checkResults(await cache.getMany([other]), [[other, bytes("y")]]);
    },
  },
];

/**
 * There must not be an entry under every name that an object has. Others may have written
 * one or two of them, but a plain object that is used as a map has all.
 */
async function checkNotInherited({ cache }: CacheContext): Promise<void> {
  for (const name of [...OBJECT_NAMES, "isPrototypeOf", "valueOf"]) {
    if (!(await cache.get(name)).found) return;
  }
  fail("not found", "an entry for each name that an object inherits");
}

/** Three numbers that no other run uses, and that a plain object would sort. */
function numberKeys(): readonly string[] {
  const first = randomInt(10 ** 8, 10 ** 9);
  return [first, first - 1, first - 2].map(String);
}

/** Makes a call that the provider may refuse. */
async function refusable(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
  }
}

/** The key must work with every operation. */
async function checkRoundTrip({ cache, time }: CacheContext, key: string): Promise<void> {
  await cache.set(key, bytes("single"));
  await checkStored(cache, key, bytes("single"));
  checkResults(await cache.getMany([key]), [[key, bytes("single")]]);
  checkEqual("touched", await cache.touch(key, time.units(1000)), true);
  checkEqual("deleted", await cache.delete(key), true);
  await checkAbsent(cache, key);
}
