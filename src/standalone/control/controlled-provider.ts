import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import type { CacheEntry, CacheSetOptions } from "../../contract/cache-entry.js";
import { CacheProvider, type CacheGetManyOptions } from "../../contract/cache-provider.js";
import { isPromise, type MaybePromise } from "../../contract/maybe-promise.js";
import { isRpcError, RpcError, rpcErrorFromCacheError } from "../../contract/rpc-error.js";
import { recordedKeys, type CallRecord, type RecordedCall } from "./call-record.js";
import type { CacheMethod } from "./cache-method.js";
import type { AppliedFault, FaultRules } from "./fault-rules.js";
import { statusCodeOf, statusNameOf, type StatusName } from "./status-names.js";

/** What a call did, for its record. */
type Outcome = Pick<RecordedCall, "hits" | "misses" | "bytes">;

/** A call that has arrived. */
interface Call<T> {
  readonly method: CacheMethod;
  readonly keys: readonly string[];
  readonly operate: () => MaybePromise<T>;
  /** What the call returns when it finds nothing under the keys that `hides` is true for. */
  readonly miss?: (hides: (key: string) => boolean) => MaybePromise<T>;
  readonly outcomeOf: (result: T) => Outcome;
}

/**
 * A cache to which fault rules are applied, and whose calls are recorded. Without
 * rules and recording, an operation goes straight to the cache.
 *
 * Closing and configuring it does nothing: it owns nothing.
 */
export class ControlledProvider extends CacheProvider {
  readonly #inner: CacheProvider;
  readonly #faults: FaultRules;
  readonly #calls: CallRecord;

  constructor(inner: CacheProvider, faults: FaultRules, calls: CallRecord) {
    super({
      name: inner.name,
      displayName: inner.displayName,
      description: inner.description,
      version: inner.version,
      // The operations are overridden below.
      get: (key) => inner.get(key),
      set: (key, value, options) => inner.set(key, value, options),
      delete: (key) => inner.delete(key),
      touch: (key, ttlMs) => inner.touch(key, ttlMs),
    });
    this.#inner = inner;
    this.#faults = faults;
    this.#calls = calls;
  }

  override get copiesValues(): boolean {
    return this.#inner.copiesValues;
  }

  override get(key: string): MaybePromise<Uint8Array | undefined> {
    if (this.#isIdle) return this.#inner.get(key);
    return this.#call({
      method: "get",
      keys: [key],
      operate: () => this.#inner.get(key),
      miss: () => undefined,
      outcomeOf: (value) => ({ ...found(value === undefined ? 0 : 1, 1), bytes: sizeOf(value) }),
    });
  }

  override set(key: string, value: Uint8Array, options?: CacheSetOptions): MaybePromise<void> {
    if (this.#isIdle) return this.#inner.set(key, value, options);
    return this.#call({
      method: "set",
      keys: [key],
      operate: () => this.#inner.set(key, value, options),
      outcomeOf: () => ({ ...NOTHING, bytes: value.length }),
    });
  }

  override delete(key: string): MaybePromise<boolean> {
    if (this.#isIdle) return this.#inner.delete(key);
    return this.#call({
      method: "delete",
      keys: [key],
      operate: () => this.#inner.delete(key),
      outcomeOf: (deleted) => found(deleted ? 1 : 0, 1),
    });
  }

  override touch(key: string, ttlMs?: number): MaybePromise<boolean> {
    if (this.#isIdle) return this.#inner.touch(key, ttlMs);
    return this.#call({
      method: "touch",
      keys: [key],
      operate: () => this.#inner.touch(key, ttlMs),
      miss: () => false,
      outcomeOf: (touched) => found(touched ? 1 : 0, 1),
    });
  }

  override getMany(
    keys: readonly string[],
    options?: CacheGetManyOptions,
  ): MaybePromise<Record<string, Uint8Array>> {
    if (this.#isIdle) return this.#inner.getMany(keys, options);
    return this.#call({
      method: "getMany",
      keys,
      operate: () => this.#inner.getMany(keys, options),
      miss: (hides) =>
        this.#inner.getMany(
          keys.filter((key) => !hides(key)),
          options,
        ),
      outcomeOf(record) {
        const values = Object.values(record);
        const bytes = values.reduce((sum, { length }) => sum + length, 0);
        return { ...found(values.length, new Set(keys).size), bytes };
      },
    });
  }

  override setMany(entries: readonly CacheEntry[], options?: CacheSetOptions): MaybePromise<void> {
    if (this.#isIdle) return this.#inner.setMany(entries, options);
    return this.#call({
      method: "setMany",
      keys: entries.map(({ key }) => key),
      operate: () => this.#inner.setMany(entries, options),
      outcomeOf: () => ({
        ...NOTHING,
        bytes: entries.reduce((sum, { value }) => sum + value.length, 0),
      }),
    });
  }

  override deleteMany(keys: readonly string[]): MaybePromise<number> {
    if (this.#isIdle) return this.#inner.deleteMany(keys);
    return this.#call({
      method: "deleteMany",
      keys,
      operate: () => this.#inner.deleteMany(keys),
      outcomeOf: (deleted) => found(deleted, new Set(keys).size),
    });
  }

  get #isIdle(): boolean {
    return this.#faults.isEmpty && this.#calls.isIdle;
  }

  #call<T>(call: Call<T>): MaybePromise<T> {
    const { method, keys } = call;
    const fault = this.#faults.apply(method, keys);
    if (this.#calls.isIdle) return carryOut(call, fault);

    const timeMs = Date.now();
    const startedMs = performance.now();
    const record = (status: StatusName, outcome: Outcome): void => {
      this.#calls.add({
        timeMs,
        method,
        keys: recordedKeys(keys),
        keyCount: keys.length,
        ...outcome,
        status,
        durationMs: performance.now() - startedMs,
        faultId: fault?.id ?? 0,
      });
    };
    const succeed = (result: T): T => {
      record("ok", call.outcomeOf(result));
      return result;
    };
    const fail = (error: unknown): never => {
      record(statusOf(error), NOTHING);
      throw error;
    };
    let result: MaybePromise<T>;
    try {
      result = carryOut(call, fault);
    } catch (error) {
      return fail(error);
    }
    return isPromise(result) ? result.then(succeed, fail) : succeed(result);
  }
}

const NOTHING: Outcome = { hits: 0, misses: 0, bytes: 0 };

function found(hits: number, keys: number): Outcome {
  return { hits, misses: keys - hits, bytes: 0 };
}

function sizeOf(value: Uint8Array | undefined): number {
  return value?.length ?? 0;
}

/** Does what the fault says; without one, the operation. */
function carryOut<T>(call: Call<T>, fault: AppliedFault | undefined): MaybePromise<T> {
  if (fault === undefined) return call.operate();
  const { effect, keyPrefix, ended } = fault;
  switch (effect.kind) {
    case "fail":
      throw new RpcError(statusCodeOf(effect.code), effect.message);
    case "loseReply":
      return loseReply(call, () => {
        throw new RpcError(statusCodeOf(effect.code), effect.message);
      });
    case "miss":
      // No rule selects a method that cannot miss.
      return call.miss === undefined
        ? call.operate()
        : call.miss((key) => key.startsWith(keyPrefix));
    case "delay":
      return delay(effect.delayMs, ended).then(call.operate);
  }
}

/** Settles after a time that does not keep the process alive; fails when it is ended early. */
async function delay(ms: number, ended: AbortSignal): Promise<void> {
  let onEnd = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      onEnd = () => {
        reject(
          new RpcError(statusCodeOf("unavailable"), "the cache was reset while the call waited"),
        );
      };
      ended.addEventListener("abort", onEnd);
      timer = setTimeout(resolve, ms).unref();
    });
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", onEnd);
  }
}

/** The caller reads neither the result nor the error of the operation. */
function loseReply<T>({ operate }: Call<T>, lose: () => never): MaybePromise<T> {
  let result: MaybePromise<T>;
  try {
    result = operate();
  } catch {
    return lose();
  }
  return isPromise(result) ? result.then(lose, lose) : lose();
}

function statusOf(error: unknown): StatusName {
  const known = isRpcError(error) ? error : rpcErrorFromCacheError(error);
  return known === undefined ? "internal" : statusNameOf(known.code);
}
