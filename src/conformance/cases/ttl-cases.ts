import { checkAbsent, checkEqual, checkFound, checkRefused, checkStored } from "../check.js";
import type { CacheContext } from "../case-context.js";
import type { Lease } from "../case-time.js";
import type { ConformanceCase } from "../conformance-case.js";
import {
  durationFromMs,
  NEGATIVE_DURATIONS,
  ZERO_DURATION,
  type WireDuration,
} from "../wire-duration.js";
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

/** Writes an entry with a TTL below a millisecond. */
type ShortWrite = (key: string, ttl: WireDuration) => Promise<void>;

/**
 * A microsecond: an SDK whose durations count microseconds cannot distinguish a shorter TTL of
 * Touch from an unset one.
 */
const SHORTEST_NANOS_OF_TOUCH = 1000;

/** How close to an end the kit looks for a backend in whole seconds, which is off by 500 ms. */
const NEAR_END_MS = 200;

/** Half of it, which is how long after an end the kit looks, is well below 999 ms. */
const LONGEST_UNIT_BETWEEN_MS = 1000;

export const ttlCases: readonly ConformanceCase[] = [
  {
    id: "ttl/expires",
    title: "An entry expires when its TTL has passed.",
    section: "3.7",
    level: "required",
    reason: "A TTL exists to prevent stale data.",
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
    title: "An entry does not expire before its TTL has passed.",
    section: "3.7",
    level: "required",
    reason: "Entries that expire early cause misses.",
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
    reason: "A provider must not apply the default TTL of its backend.",
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
    reason: "Zero means that the TTL is unset, but some backends expire the entry at once.",
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
    title: "A positive TTL below a millisecond is rounded up to a millisecond.",
    section: "3.7",
    level: "required",
    reason: "A TTL that is rounded down to zero never expires.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const value = bytes("v");
      const leases: (readonly [key: string, lease: Lease])[] = [];
      const begin = async (nanos: number, write: ShortWrite): Promise<void> => {
        const k = key();
        const ttl = { seconds: 0n, nanos };
        leases.push([k, await time.lease(ttl, () => write(k, ttl))]);
        // With a clock that stands still the entry must not have ended before it began.
        if (time.exact) await checkStored(cache, k, value);
      };
      for (const nanos of [1, 500_000, 999_999]) {
        await begin(nanos, (k, ttl) => cache.set(k, value, ttl));
        await begin(nanos, (k, ttl) => cache.setMany([{ key: k, value }], ttl));
        await begin(Math.max(nanos, SHORTEST_NANOS_OF_TOUCH), async (k, ttl) => {
          await cache.set(k, value);
          checkEqual("touched", await cache.touch(k, ttl), true);
        });
      }
      for (const [k, lease] of leases) {
        await time.past(lease);
        await checkAbsent(cache, k);
      }
    },
  },
  {
    id: "ttl/counts-milliseconds",
    title: "A TTL has a precision of a millisecond.",
    section: "3.7",
    level: "required",
    reason: "A backend that counts in seconds expires entries up to a second early or late.",
    needs: "cache",
    waits: true,
    async run({ cache, key, time }) {
      const k = key();
      const value = bytes("v");
      // Half a second from the whole seconds, whatever the unit.
      const wholeSeconds = Math.floor((1.5 * time.unitMs) / 1000);
      const ttlMs = wholeSeconds * 1000 + 500;
      const lease = await time.lease(durationFromMs(ttlMs), (ttl) => cache.set(k, value, ttl));
      await time.shortOf(lease);
      time.checkLive(await cache.get(k), value, lease);
      await time.before(lease, NEAR_END_MS);
      const reply = await cache.get(k);
      // A slow reply does not say whether the entry ended too early. A longer TTL would not help.
      if (reply.found || !time.mayHaveEnded(lease)) checkFound(reply, value);
      await time.past(lease, NEAR_END_MS);
      await checkAbsent(cache, k);
    },
  },
  {
    id: "ttl/adds-seconds-and-nanos",
    title: "A TTL is the sum of its seconds and its nanoseconds.",
    section: "3.7",
    level: "required",
    reason: "A provider that reads one field of the Duration loses the other.",
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
    reason: "A timer longer than 2^31 ms fires at once, and dates overflow with longer TTLs.",
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
    title: "A negative TTL fails with INVALID_ARGUMENT, and nothing is written.",
    section: "3.7",
    level: "required",
    reason: "If it is treated as unset, the entry never expires.",
    needs: "cache",
    async run(context) {
      for (const ttl of NEGATIVE_DURATIONS) await checkTtlRefused(context, ttl);
    },
  },
  {
    id: "ttl/negative-says-why",
    title: "The error for a negative TTL names the ttl.",
    section: "3.7",
    level: "recommended",
    reason: "The author of the plugin receives the message unchanged.",
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
    title: "A Duration with nanos outside ±999,999,999 fails with INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "Such a Duration is invalid in protobuf, so its meaning is unknown.",
    needs: "wire",
    async run(context) {
      await checkTtlRefused(context, { seconds: 1n, nanos: 1_000_000_000 });
      await checkTtlRefused(context, { seconds: -1n, nanos: -1_000_000_000 });
    },
  },
  {
    id: "ttl/malformed-signs-refused",
    title: "A Duration whose seconds and nanos have different signs fails with INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "Such a Duration is invalid in protobuf, so its meaning is unknown.",
    needs: "wire",
    async run(context) {
      await checkTtlRefused(context, { seconds: 1n, nanos: -1 });
      await checkTtlRefused(context, { seconds: -1n, nanos: 1 });
    },
  },
  {
    id: "ttl/malformed-seconds-refused",
    title: "A Duration of more than 315,576,000,000 seconds fails with INVALID_ARGUMENT.",
    section: "3.7",
    level: "recommended",
    reason: "Dates and 64-bit nanoseconds overflow beyond this limit.",
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
