import { checkAbsent, checkRefused, checkStored } from "../check.js";
import type { CacheContext } from "../case-context.js";
import type { ConformanceCase } from "../conformance-case.js";
import { durationFromMs, ZERO_DURATION, type WireDuration } from "../wire-duration.js";
import { bytes } from "./sample-bytes.js";

const DAY_SECONDS = 86_400n;

/** TTLs that timers and narrow integers get wrong, with what they are. */
const LONG_TTLS: readonly (readonly [name: string, ttl: WireDuration])[] = [
  ["2^31 - 1 ms", durationFromMs(2 ** 31 - 1)],
  ["2^31 ms", durationFromMs(2 ** 31)],
  ["2^32 ms", durationFromMs(2 ** 32)],
  ["400 days", { seconds: 400n * DAY_SECONDS, nanos: 0 }],
  ["10,000 years", { seconds: 315_576_000_000n, nanos: 0 }],
];

/** Half of it, which is how long after an end the kit looks, is well below 999 ms. */
const LONGEST_UNIT_BETWEEN_MS = 1000;

export const ttlCases: readonly ConformanceCase[] = [
  {
    id: "ttl/expires",
    title: "An entry with a TTL is gone when the TTL has passed.",
    section: "3.7",
    level: "required",
    reason: "Stale data is the one thing a TTL is there to prevent.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "ttl/lives-until-end",
    title: "An entry with a TTL is there until the TTL has passed.",
    section: "3.7",
    level: "required",
    reason: "A cache that ends entries early does not cache.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(4), (ttl) => cache.set(k, bytes("v"), ttl));
      time.checkLive(await cache.get(k), bytes("v"), lease);
      await time.shortOf(lease);
      time.checkLive(await cache.get(k), bytes("v"), lease);
    },
  },
  {
    id: "ttl/unset-never-expires",
    title: "An entry without a TTL never expires.",
    section: "3.3",
    level: "required",
    reason: "A default TTL of the backend must not show.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("v"));
      await time.wait(2);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "ttl/zero-never-expires",
    title: "An entry with a TTL of zero never expires.",
    section: "3.3",
    level: "required",
    reason: "Zero means unset; some backends take it for an end at once.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      await cache.set(k, bytes("v"), ZERO_DURATION);
      await time.wait(2);
      await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "ttl/below-a-millisecond-expires",
    title: "A positive TTL below a millisecond is rounded up to one, never down to for ever.",
    section: "3.7",
    level: "required",
    reason: "Rounded down it is zero, and zero means for ever.",
    needs: "cache",
    waits: true,
    async run(context) {
      const { cache, key, time } = context;
      for (const nanos of [1, 500_000, 999_999]) {
        const k = key();
        const ttl = { seconds: 0n, nanos };
        const lease = await time.lease(ttl, () => cache.set(k, bytes("v"), ttl));
        // With a clock that stands still the entry must not have ended before it began.
        if (time.exact) await checkStored(cache, k, bytes("v"));
        await time.past(lease);
        await checkAbsent(cache, k);
      }
    },
  },
  {
    id: "ttl/counts-milliseconds",
    title: "A TTL counts milliseconds: it is not cut or stretched to whole seconds.",
    section: "3.7",
    level: "required",
    reason: "Backends that count seconds end entries early, or a second late.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const lease = await time.lease(time.units(1.5), (ttl) => cache.set(k, bytes("v"), ttl));
      await time.shortOf(lease);
      time.checkLive(await cache.get(k), bytes("v"), lease);
      await time.past(lease);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "ttl/adds-seconds-and-nanos",
    title: "A TTL is its seconds and its nanoseconds together.",
    section: "3.7",
    level: "required",
    reason: "A Duration has two fields; reading one of them works until it does not.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const seconds = BigInt(Math.max(1, Math.ceil((2 * time.unitMs) / 1000)));
      const [onlyNanos, onlySeconds, both] = [key("nanos"), key("seconds"), key("both")];
      const value = bytes("v");
      const short = await time.lease({ seconds: 0n, nanos: 999_000_000 }, (ttl) =>
        cache.set(onlyNanos, value, ttl),
      );
      const whole = await time.lease({ seconds, nanos: 0 }, (ttl) =>
        cache.set(onlySeconds, value, ttl),
      );
      const sum = await time.lease({ seconds, nanos: 999_000_000 }, (ttl) =>
        cache.set(both, value, ttl),
      );
      await time.shortOf(whole);
      time.checkLive(await cache.get(both), value, sum);
      await time.past(whole);
      await checkAbsent(cache, onlySeconds);
      // Between the two ends there is less than a second, which a longer unit passes over.
      if (time.exact || time.unitMs <= LONGEST_UNIT_BETWEEN_MS) {
        time.checkLive(await cache.get(both), value, sum);
      }
      await time.past(short);
      await checkAbsent(cache, onlyNanos);
      await time.past(sum);
      await checkAbsent(cache, both);
    },
  },
  {
    id: "ttl/long-ttls-live",
    title: "TTLs of days, months and 10,000 years work like short ones.",
    section: "3.7",
    level: "required",
    reason: "Timers overflow at 2^31 ms and fire at once; dates overflow later.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const keys = LONG_TTLS.map(([name]) => key(name));
      for (const [index, [, ttl]] of LONG_TTLS.entries()) {
        await cache.set(keys[index] as string, bytes("v"), ttl);
      }
      await time.wait(1);
      for (const k of keys) await checkStored(cache, k, bytes("v"));
    },
  },
  {
    id: "ttl/negative-refused",
    title: "A negative TTL is INVALID_ARGUMENT, and nothing is written.",
    section: "3.7",
    level: "required",
    reason: "Taken for unset, an entry that should have ended lasts for ever.",
    needs: "cache",
    async run(context) {
      await checkTtlRefused(context, { seconds: -1n, nanos: 0 });
      await checkTtlRefused(context, { seconds: 0n, nanos: -1 });
      await checkTtlRefused(context, { seconds: -1n, nanos: -500_000_000 });
    },
  },
  {
    id: "ttl/negative-says-why",
    title: "The error for a negative TTL names the ttl.",
    section: "3.7",
    level: "recommended",
    reason: "The message reaches the plugin's author as it is.",
    needs: "cache",
    async run({ cache, key }) {
      await checkRefused(
        cache.set(key(), bytes("v"), { seconds: -1n, nanos: 0 }),
        "INVALID_ARGUMENT",
        { matching: /ttl/i, meaning: "a message that names the ttl" },
      );
    },
  },
  {
    id: "ttl/malformed-nanos-refused",
    title: "A Duration whose nanos are outside +-999,999,999 is INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "It is no Duration; what it was meant to say is a guess.",
    needs: "wire",
    async run(context) {
      await checkTtlRefused(context, { seconds: 1n, nanos: 1_000_000_000 });
      await checkTtlRefused(context, { seconds: -1n, nanos: -1_000_000_000 });
    },
  },
  {
    id: "ttl/malformed-signs-refused",
    title: "A Duration whose seconds and nanos differ in sign is INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "It is no Duration; what it was meant to say is a guess.",
    needs: "wire",
    async run(context) {
      await checkTtlRefused(context, { seconds: 1n, nanos: -1 });
      await checkTtlRefused(context, { seconds: -1n, nanos: 1 });
    },
  },
  {
    id: "ttl/malformed-seconds-refused",
    title: "A Duration of more than 315,576,000,000 seconds is INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "Beyond it, dates and 64-bit nanoseconds overflow into the past.",
    needs: "wire",
    async run(context) {
      await checkTtlRefused(context, { seconds: 315_576_000_001n, nanos: 0 });
      await checkTtlRefused(context, { seconds: 2n ** 63n - 1n, nanos: 0 });
    },
  },
];

/** Set with this TTL must be refused, and must leave what was stored as it was. */
async function checkTtlRefused({ cache, key }: CacheContext, ttl: WireDuration): Promise<void> {
  const [written, fresh] = [key("written"), key("fresh")];
  await cache.set(written, bytes("before"));
  await checkRefused(cache.set(written, bytes("after"), ttl), "INVALID_ARGUMENT");
  await checkRefused(cache.set(fresh, bytes("after"), ttl), "INVALID_ARGUMENT");
  await checkStored(cache, written, bytes("before"));
  await checkAbsent(cache, fresh);
}
