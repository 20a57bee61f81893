import { assertKey } from "./assert-key.js";
import { parseValue } from "./bytes-from.js";
import type { CacheEntry, CacheSetOptions } from "./cache-entry.js";
import { deleteManyFromDelete, getManyFromGet, setManyFromSet } from "./derived-batches.js";
import {
  booleanFromResult,
  countFromResult,
  healthFromResult,
  recordFromResult,
  valueFromResult,
  warningsFromResult,
  type CacheHealth,
} from "./handler-results.js";
import { catchMaybe, mapMaybe, type MaybePromise } from "./maybe-promise.js";
import { parseEntries, parseKeys } from "./parse-batch.js";
import { DEFAULT_PROVIDER_NAME, slugFromName } from "./provider-name.js";
import { isRpcError, rpcErrorFromCacheError } from "./rpc-error.js";
import { NEVER_EXPIRES, parseTtlMs } from "./ttl.js";

export type { CacheEntry, CacheSetOptions } from "./cache-entry.js";
export type { CacheHealth } from "./handler-results.js";

/** How several entries are read. */
export interface CacheGetManyOptions {
  /**
   * How many bytes of values the caller can use; by default any number. A batch
   * that has read more fails, rather than fill the memory for nothing.
   */
  readonly maxBytes?: number | undefined;
}

/**
 * What an author writes to make a cache provider. Only the four single-key
 * operations are required; batches are derived from them unless overridden.
 *
 * Rules every handler must keep (see docs/semantics.md):
 * - `value` passed to `set` belongs to the caller and may be a view into a much
 *   larger buffer: store a copy.
 * - a TTL arrives checked and in whole milliseconds; 0 means "never expires".
 * - throw {@link CacheError} for what the caller should read; anything else is
 *   reported as an internal error without its text. The lifecycle handlers are called
 *   by the host alone, which reads the text of any error that they throw.
 */
export interface CacheProviderOptions {
  /** The value of a live key; null or undefined for a missing or expired one. */
  get(key: string): MaybePromise<Uint8Array | ArrayBuffer | null | undefined>;
  /** Stores a copy of the value, replacing both value and TTL. */
  set(key: string, value: Uint8Array, options: { readonly ttlMs: number }): MaybePromise<void>;
  /** Removes a key; true only if a live entry was there. */
  delete(key: string): MaybePromise<boolean>;
  /** Sets a live key's TTL from now; false, and nothing else, for a missing key. */
  touch(key: string, ttlMs: number): MaybePromise<boolean>;
  /** Present keys only, in a record without a prototype. */
  getMany?(
    keys: readonly string[],
    options: CacheGetManyOptions,
  ): MaybePromise<Record<string, Uint8Array | ArrayBuffer>>;
  /** Writes in order, so that the last duplicate wins. */
  setMany?(entries: readonly CacheEntry[], options: { readonly ttlMs: number }): MaybePromise<void>;
  /** How many live entries were removed; a key given twice counts once. */
  deleteMany?(keys: readonly string[]): MaybePromise<number | bigint>;
  /** The provider's own name until the host configures one. */
  name?: string;
  displayName?: string;
  description?: string;
  /** Plain semver. */
  version?: string;
  /** Receives the configured name and the `config:` of the host's entry; may come again. */
  configure?(name: string, config: Record<string, unknown>): MaybePromise<void>;
  /**
   * Whether the provider can serve. It can when this returns nothing, and cannot when it
   * throws; the operator then reads the text of the error.
   */
  healthCheck?(): MaybePromise<CacheHealth | undefined> | MaybePromise<void>;
  /** Things the operator should know; a function is called with every identity. */
  warnings?: readonly string[] | (() => MaybePromise<readonly string[]>);
  /** Starts background work; called after configure by hosts that do so. */
  start?(): MaybePromise<void>;
  /** Ends background work and gives resources back; called once, at shutdown. */
  close?(): MaybePromise<void>;
}

/** The methods that carry out the seven operations. */
const OPERATIONS = ["get", "getMany", "set", "setMany", "delete", "deleteMany", "touch"] as const;

/**
 * A cache as the host sees it: the seven operations and a lifecycle. Made by
 * {@link defineCacheProvider}; the shape is the one that the host's own
 * TypeScript runtime looks for, so either runtime can serve it.
 *
 * Arguments are checked, since callers in JavaScript have no compiler that does: an
 * operation fails with CacheError `invalid_argument` for a key that is not a string or
 * not well-formed Unicode, and for a value that is not a Uint8Array (a Buffer is one), a
 * DataView or an ArrayBuffer. What a handler returns is checked as well: a wrong result
 * is a TypeError.
 */
export class CacheProvider {
  readonly kind = "cache";
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  #name: string;
  /** The operations as they are before errors are translated: batches add to an error first. */
  #untranslated: Pick<CacheProvider, "get" | "delete"> = this;
  readonly #handlers: CacheProviderOptions;

  constructor(handlers: CacheProviderOptions) {
    this.#handlers = handlers;
    this.#name = slugFromName(handlers.name ?? "");
    this.displayName = handlers.displayName?.trim() ?? "";
    this.description = handlers.description?.trim() ?? "";
    this.version = handlers.version?.trim() ?? "";
  }

  /** The configured name, before that the author's, as a slug; may be empty. */
  get name(): string {
    return this.#name;
  }

  /** The host's own runtime sets the name of a provider that it has bundled. */
  set name(name: string) {
    this.#name = slugFromName(name);
    this.#translateErrors();
  }

  /**
   * Takes over `fallback` as the name when the author gave none. A runtime calls this
   * when it has loaded the provider.
   *
   * @param knowsCacheErrors - false for a runtime that turns every error which is not of
   *   Connect's shape into `internal error` and logs none, as the host's own runtime does.
   *   From then on the operations fail with an error of that shape in place of a
   *   CacheError, and print any other error to stderr.
   */
  resolveName(fallback: string, knowsCacheErrors = false): string {
    this.#name ||= slugFromName(fallback) || DEFAULT_PROVIDER_NAME;
    if (!knowsCacheErrors) this.#translateErrors();
    return this.#name;
  }

  /**
   * Applies a configuration; may be called again with a new one.
   * @throws CacheError `invalid_argument` when the configuration is wrong
   */
  configureProvider(name: string, config: Record<string, unknown>): MaybePromise<void> {
    return mapMaybe(this.#handlers.configure?.(name, config), () => {
      this.#name = slugFromName(name) || this.#name;
    });
  }

  /** True when the author gave a health check. */
  supportsHealthCheck(): boolean {
    return this.#handlers.healthCheck !== undefined;
  }

  /** Whether the provider can serve; ready when the author gave no check. */
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

  /** The value of a live key; undefined for a missing or expired one. */
  get(key: string): MaybePromise<Uint8Array | undefined> {
    assertKey(key);
    return mapMaybe<unknown, Uint8Array | undefined>(this.#handlers.get(key), valueFromGet);
  }

  /**
   * Stores a copy of the value; replaces value and TTL.
   * @throws CacheError `invalid_argument` for a bad TTL, `resource_exhausted`
   *   for an entry that is too large; nothing is written then
   */
  set(key: string, value: Uint8Array, options?: CacheSetOptions): MaybePromise<void> {
    assertKey(key);
    return this.#set(key, parseValue(value), { ttlMs: parseTtlMs(options?.ttlMs) });
  }

  /** Removes a key; true only if a live entry was there. */
  delete(key: string): MaybePromise<boolean> {
    assertKey(key);
    return mapMaybe(this.#handlers.delete(key), booleanFromDelete);
  }

  /** Sets a live key's TTL from now, 0 for never; false for a missing or expired key. */
  touch(key: string, ttlMs: number = NEVER_EXPIRES): MaybePromise<boolean> {
    assertKey(key);
    return mapMaybe(this.#handlers.touch(key, parseTtlMs(ttlMs)), booleanFromTouch);
  }

  /**
   * The live ones of the keys, as a record without a prototype, so that
   * `__proto__` is a key like any other. A key given twice is read once.
   * @throws CacheError `resource_exhausted` when the values pass `maxBytes`
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
   * Writes the entries in order under one TTL; not atomic: when one fails, the
   * error names its key and position, and those before it stay written. An entry
   * whose key or value has the wrong type is found before anything is written.
   */
  setMany(entries: readonly CacheEntry[], options?: CacheSetOptions): MaybePromise<void> {
    const list = parseEntries(entries);
    const checked = { ttlMs: parseTtlMs(options?.ttlMs) };
    if (this.#handlers.setMany) return mapMaybe(this.#handlers.setMany(list, checked), nothing);
    return setManyFromSet(list, (key, value) => this.#set(key, value, checked));
  }

  /** How many live entries were removed; a key given twice counts once. */
  deleteMany(keys: readonly string[]): MaybePromise<number> {
    const list = parseKeys(keys);
    if (this.#handlers.deleteMany) {
      return mapMaybe<unknown, number>(this.#handlers.deleteMany(list), countFromResult);
    }
    return deleteManyFromDelete(list, (key) => this.#untranslated.delete(key));
  }

  #set(key: string, value: Uint8Array, options: { readonly ttlMs: number }): MaybePromise<void> {
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
  }
}

/** Makes a cache provider of an author's handlers. */
export function defineCacheProvider(options: CacheProviderOptions): CacheProvider {
  return new CacheProvider(options);
}

const valueFromGet = (result: unknown): Uint8Array | undefined => valueFromResult(result, "get");
const booleanFromDelete = (result: unknown): boolean => booleanFromResult(result, "delete");
const booleanFromTouch = (result: unknown): boolean => booleanFromResult(result, "touch");

/** A handler that has nothing to return may return anything. */
function nothing(): void {}
