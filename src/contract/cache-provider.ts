import { assertKey } from "./assert-key.js";
import { parseValue } from "./bytes-from.js";
import type { CacheEntry, CacheSetOptions } from "./cache-entry.js";
import {
  assertProviderOptions,
  type CacheGetManyOptions,
  type CacheProviderOptions,
} from "./cache-provider-options.js";
import {
  batchError,
  deleteManyFromDelete,
  getManyFromGet,
  setManyFromSet,
} from "./derived-batches.js";
import { entrySizeError, MAX_ENTRY_BYTES } from "./entry-size.js";
import {
  booleanFromResult,
  countFromResult,
  healthFromResult,
  recordFromResult,
  valueFromResult,
  warningsFromResult,
  type CacheHealth,
} from "./handler-results.js";
import { configFromHost } from "./host-launch-record.js";
import { catchMaybe, mapMaybe, type MaybePromise } from "./maybe-promise.js";
import { parseEntries, parseKeys } from "./parse-batch.js";
import { DEFAULT_PROVIDER_NAME, slugFromName } from "./provider-name.js";
import { isRpcError, rpcErrorFromCacheError } from "./rpc-error.js";
import { NEVER_EXPIRES, parseTtlMs } from "./ttl.js";

export type { CacheEntry, CacheSetOptions } from "./cache-entry.js";
export type { CacheGetManyOptions, CacheProviderOptions } from "./cache-provider-options.js";
export type { CacheHealth } from "./handler-results.js";

/** The methods whose errors {@link CacheProvider.resolveName} translates. */
const OPERATIONS = ["get", "getMany", "set", "setMany", "delete", "deleteMany", "touch"] as const;

/**
 * A cache provider: seven operations and a lifecycle. Create one with
 * {@link defineCacheProvider}. It has the shape that the host's own TypeScript runtime expects,
 * so that runtime can serve it too.
 *
 * Arguments are checked at run time, for callers in JavaScript. An operation fails with
 * CacheError `invalid_argument` for a key that is not a string or not well-formed Unicode, and
 * for a value that is not a Uint8Array (a Buffer is one), a DataView or an ArrayBuffer. The
 * results of handlers are checked too: an operation fails with a TypeError for a wrong result.
 */
export class CacheProvider {
  readonly kind = "cache";
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  #name: string;
  /** The operations without error translation: a batch adds the position to an error first. */
  #untranslated: Pick<CacheProvider, "get" | "delete"> = this;
  readonly #handlers: CacheProviderOptions;
  readonly #maxEntryBytes: number;

  /**
   * @throws CacheError `invalid_argument` for a handler that is not a function, and for a wrong
   *   {@link CacheProviderOptions.maxEntryBytes}
   */
  constructor(handlers: CacheProviderOptions) {
    assertProviderOptions(handlers);
    this.#handlers = handlers;
    this.#maxEntryBytes = handlers.maxEntryBytes ?? MAX_ENTRY_BYTES;
    this.#name = slugFromName(handlers.name ?? "");
    this.displayName = handlers.displayName?.trim() ?? "";
    this.description = handlers.description?.trim() ?? "";
    this.version = handlers.version?.trim() ?? "";
  }

  /**
   * Whether the provider keeps neither the buffer of a value that was passed to it nor that of a value
   * that it returned. A server then releases the memory of a large value when its call ends, without
   * waiting for a garbage collection. Override it for a provider that copies in both directions.
   */
  get copiesValues(): boolean {
    return false;
  }

  /** The configured name; before configuration the author's name. A slug; may be empty. */
  get name(): string {
    return this.#name;
  }

  /** Sets the name. The host's own runtime does so for a provider that it has bundled. */
  set name(name: string) {
    this.#name = slugFromName(name);
    this.#translateErrors();
  }

  /**
   * Sets the name to `fallback` if the author gave none. A runtime calls this after it has
   * loaded the provider.
   *
   * @param knowsCacheErrors - false for the host's own runtime, which replies `internal error`
   *   for every error that is not of Connect's shape and logs nothing. From then on an operation
   *   throws an error of that shape in place of a CacheError, and prints any other error to
   *   stderr. That runtime reads a health check as ready unless it throws, so it then throws in
   *   place of returning that the provider is not ready.
   * @returns the name: `fallback` as a slug, or `cache` if that is empty
   */
  resolveName(fallback: string, knowsCacheErrors = false): string {
    this.#name ||= slugFromName(fallback) || DEFAULT_PROVIDER_NAME;
    if (!knowsCacheErrors) this.#translateErrors();
    return this.#name;
  }

  /**
   * Applies a configuration. May be called again with another one. An empty `name` keeps the
   * current name. The launch record that hosts send for an entry without a `config:` counts as an
   * empty configuration.
   *
   * @throws CacheError `invalid_argument` for a wrong configuration; name and configuration stay
   */
  configureProvider(name: string, config: Record<string, unknown>): MaybePromise<void> {
    return mapMaybe(this.#handlers.configure?.(name, configFromHost(config)), () => {
      this.#name = slugFromName(name) || this.#name;
    });
  }

  /** True when the author gave a health check. */
  supportsHealthCheck(): boolean {
    return this.#handlers.healthCheck !== undefined;
  }

  /** Whether the provider can serve. Ready when the author gave no health check. */
  healthCheck(): MaybePromise<CacheHealth> {
    return mapMaybe<unknown, CacheHealth>(this.#handlers.healthCheck?.(), healthFromResult);
  }

  /** Warnings for the operator, which GetProviderIdentity returns; an empty list without any. */
  warnings(): MaybePromise<readonly string[]> {
    const { warnings } = this.#handlers;
    const result = typeof warnings === "function" ? warnings() : warnings;
    return mapMaybe<unknown, readonly string[]>(result, warningsFromResult);
  }

  /** Calls the author's `start`, for the host's StartProvider. */
  startProvider(): MaybePromise<void> {
    return this.#handlers.start?.();
  }

  /** Calls the author's `close`. A server does so after its calls in flight have finished. */
  closeProvider(): MaybePromise<void> {
    return this.#handlers.close?.();
  }

  /** The value of a live key; undefined for a missing or expired key. */
  get(key: string): MaybePromise<Uint8Array | undefined> {
    assertKey(key);
    return mapMaybe<unknown, Uint8Array | undefined>(this.#handlers.get(key), valueFromGet);
  }

  /**
   * Stores a copy of the value. Replaces both value and TTL of an existing entry.
   *
   * @throws CacheError `invalid_argument` for a wrong argument, `resource_exhausted` for an entry
   *   above {@link CacheProviderOptions.maxEntryBytes}; nothing is written
   */
  set(key: string, value: Uint8Array, options?: CacheSetOptions): MaybePromise<void> {
    assertKey(key);
    return this.#set(key, parseValue(value), { ttlMs: parseTtlMs(options?.ttlMs) });
  }

  /** Removes a key. True only if the key was live. */
  delete(key: string): MaybePromise<boolean> {
    assertKey(key);
    return mapMaybe(this.#handlers.delete(key), booleanFromDelete);
  }

  /**
   * Sets the TTL of a live key, in milliseconds from now; 0 removes the expiry. False for a
   * missing or expired key.
   *
   * @throws CacheError `invalid_argument` for a wrong key or TTL; the entry stays as it is
   */
  touch(key: string, ttlMs: number = NEVER_EXPIRES): MaybePromise<boolean> {
    assertKey(key);
    return mapMaybe(this.#handlers.touch(key, parseTtlMs(ttlMs)), booleanFromTouch);
  }

  /**
   * The values of the live keys, in a record without a prototype, so that `__proto__` is an
   * ordinary key. A key given twice is read once.
   *
   * @throws CacheError `invalid_argument` for a wrong key, `resource_exhausted` when the values
   *   exceed `maxBytes`
   */
  getMany(
    keys: readonly string[],
    options: CacheGetManyOptions = {},
  ): MaybePromise<Record<string, Uint8Array>> {
    const list = parseKeys(keys);
    if (this.#handlers.getMany) {
      return mapMaybe(this.#handlers.getMany(list, options), recordFromResult);
    }
    const { maxBytes = Infinity } = options;
    return getManyFromGet(list, maxBytes, (key) => this.#untranslated.get(key));
  }

  /**
   * Writes the entries in order, with one TTL for all. Not atomic: when a write fails, the error
   * names its key and position, and the entries before it stay written.
   *
   * @throws CacheError `invalid_argument` for a wrong key, value or TTL; nothing is written.
   *   `resource_exhausted` for an entry above {@link CacheProviderOptions.maxEntryBytes}; with the
   *   author's own `setMany` nothing is written
   */
  setMany(entries: readonly CacheEntry[], options?: CacheSetOptions): MaybePromise<void> {
    const list = parseEntries(entries);
    const checked = { ttlMs: parseTtlMs(options?.ttlMs) };
    if (this.#handlers.setMany) {
      for (const [index, entry] of list.entries()) {
        const error = entrySizeError(entry, this.#maxEntryBytes);
        if (error !== undefined) throw batchError(error, entry.key, index, list.length);
      }
      return mapMaybe(this.#handlers.setMany(list, checked), nothing);
    }
    return setManyFromSet(list, (key, value) => this.#set(key, value, checked));
  }

  /** Removes keys. Returns the number of live entries removed; a key given twice counts once. */
  deleteMany(keys: readonly string[]): MaybePromise<number> {
    const list = parseKeys(keys);
    if (this.#handlers.deleteMany) {
      return mapMaybe<unknown, number>(this.#handlers.deleteMany(list), countFromResult);
    }
    return deleteManyFromDelete(list, (key) => this.#untranslated.delete(key));
  }

  #set(key: string, value: Uint8Array, options: { readonly ttlMs: number }): MaybePromise<void> {
    const error = entrySizeError({ key, value }, this.#maxEntryBytes);
    if (error !== undefined) throw error;
    return mapMaybe(this.#handlers.set(key, value, options), nothing);
  }

  #translateErrors(): void {
    if (this.#untranslated !== this) return;
    this.#untranslated = { get: this.get.bind(this), delete: this.delete.bind(this) };
    const explain = (thrown: unknown): never => {
      const known = isRpcError(thrown) ? thrown : rpcErrorFromCacheError(thrown);
      if (known === undefined) console.error(`${this.#name}: internal error:`, thrown);
      throw known ?? thrown;
    };
    for (const name of OPERATIONS) {
      const operate = this[name].bind(this) as (...args: unknown[]) => MaybePromise<unknown>;
      const value = (...args: unknown[]): MaybePromise<unknown> =>
        catchMaybe(() => operate(...args), explain);
      Object.defineProperty(this, name, { value, configurable: true, writable: true });
    }
    const check = this.healthCheck.bind(this);
    const healthCheck = (): MaybePromise<CacheHealth> => mapMaybe(check(), assertReady);
    Object.defineProperty(this, "healthCheck", {
      value: healthCheck,
      configurable: true,
      writable: true,
    });
  }
}

/**
 * Creates a cache provider from an author's handlers.
 *
 * @throws CacheError `invalid_argument` for a handler that is not a function, and for a wrong
 *   {@link CacheProviderOptions.maxEntryBytes}
 */
export function defineCacheProvider(options: CacheProviderOptions): CacheProvider {
  return new CacheProvider(options);
}

const valueFromGet = (result: unknown): Uint8Array | undefined => valueFromResult(result, "get");
const booleanFromDelete = (result: unknown): boolean => booleanFromResult(result, "delete");
const booleanFromTouch = (result: unknown): boolean => booleanFromResult(result, "touch");

/** @throws Error with the reason when the provider is not ready */
function assertReady(health: CacheHealth): CacheHealth {
  if (health.ready) return health;
  throw new Error(health.message ?? "the provider is not ready");
}

/** A handler without a result may return any value; it is dropped. */
function nothing(): void {}
