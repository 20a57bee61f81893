import { clearTimeout, setTimeout } from "node:timers";
import { CacheError } from "../../contract/cache-error.js";
import { isPromise, type MaybePromise } from "../../contract/maybe-promise.js";
import { isRpcError } from "../../contract/rpc-error.js";
import { CallFailed, NoAnswer, type CacheUnderTest } from "../cache-under-test.js";
import type { ProviderUnderTest } from "../case-context.js";
import { statusNameFromCode, type StatusName } from "../grpc/status.js";
import { msFromDuration, type WireDuration } from "../wire-duration.js";

/**
 * The seven operations of a provider in this process. What a server adds on the
 * wire is added here: a thrown error becomes a status, a missing value a miss,
 * and the record of `getMany` one result for each key asked for.
 */
export function createInProcessCache(
  provider: ProviderUnderTest,
  timeoutMs: number,
): CacheUnderTest {
  const call = <T>(make: () => MaybePromise<T>): Promise<T> => answerOf(make, timeoutMs);
  return {
    get: async (key) => {
      const value = await call(() => provider.get(key));
      return value == null ? MISS : { found: true, value };
    },
    getMany: async (keys) => {
      const values = await call(() => provider.getMany(keys));
      return keys.map((key) => {
        const value = Object.hasOwn(values, key) ? values[key] : undefined;
        return value === undefined ? { key, ...MISS } : { key, found: true, value };
      });
    },
    set: async (key, value, ttl) => {
      await call(() => provider.set(key, value, optionsOf(ttl)));
    },
    setMany: async (entries, ttl) => {
      await call(() => provider.setMany(entries, optionsOf(ttl)));
    },
    delete: (key) => call(() => provider.delete(key)),
    deleteMany: (keys) => call(() => provider.deleteMany(keys)),
    touch: (key, ttl) =>
      call(() => (ttl ? provider.touch(key, msFromDuration(ttl)) : provider.touch(key))),
  };
}

const MISS = { found: false, value: new Uint8Array() } as const;

function optionsOf(ttl: WireDuration | undefined): { readonly ttlMs: number } | undefined {
  return ttl && { ttlMs: msFromDuration(ttl) };
}

/** Makes a call that ends: with its answer, with a status, or with what stands for silence. */
async function answerOf<T>(make: () => MaybePromise<T>, timeoutMs: number): Promise<T> {
  try {
    const answer = make();
    return isPromise(answer) ? await withinTime(answer, timeoutMs) : answer;
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    if (error instanceof CacheError) {
      throw new CallFailed(error.code.toUpperCase() as StatusName, error.message);
    }
    if (isRpcError(error)) {
      throw new CallFailed(statusNameFromCode(error.code) ?? "UNKNOWN", error.rawMessage);
    }
    throw new CallFailed("INTERNAL", String(error));
  }
}

function withinTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new NoAnswer(`no reply within ${timeoutMs} ms`, { timedOut: true }));
    }, timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
