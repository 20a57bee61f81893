import { CacheError, quoteKey } from "./cache-error.js";
import { forEachInOrder, isPromise, type MaybePromise } from "./maybe-promise.js";
import { DEFAULT_PROVIDER_NAME, slugFromName } from "./provider-name.js";
import { NEVER_EXPIRES, parseTtlMs } from "./ttl.js";

/** One key with its value, as batches take them. */
export interface CacheEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** How an entry is written. */
export interface CacheSetOptions {
  /** Time to live from now, in milliseconds; unset or 0: the entry never expires. */
  readonly ttlMs?: number | undefined;
}

/** How several entries are read. */
export interface CacheGetManyOptions {
  /**
   * How many bytes of values the caller can use; by default any number. A batch
   * that has read more fails, rather than fill the memory for nothing.
   */
  readonly maxBytes?: number | undefined;
}

/** What {@link CacheProvider.healthCheck} answers. */
export interface CacheHealth {
  readonly ready: boolean;
  /** Why not, when not ready. */
  readonly message?: string | undefined;
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
 *   reported as an internal error without its text.
 */
export interface CacheProviderOptions {
  /** The value of a live key; null or undefined for a missing or expired one. */
  get(key: string): MaybePromise<Uint8Array | null | undefined>;
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
  ): MaybePromise<Record<string, Uint8Array>>;
  /** Writes in order, so that the last duplicate wins. */
  setMany?(entries: readonly CacheEntry[], options: { readonly ttlMs: number }): MaybePromise<void>;
  /** How many live entries were removed; a key given twice counts once. */
  deleteMany?(keys: readonly string[]): MaybePromise<number>;
  /** The provider's own name until the host configures one. */
  name?: string;
  displayName?: string;
  description?: string;
  /** Plain semver. */
  version?: string;
  /** Receives the configured name and the `config:` of the host's entry; may come again. */
  configure?(name: string, config: Record<string, unknown>): MaybePromise<void>;
  healthCheck?(): MaybePromise<CacheHealth>;
  /** Things the operator should know, asked with every identity. */
  warnings?(): MaybePromise<readonly string[]>;
  /** Starts background work; called after configure by hosts that do so. */
  start?(): MaybePromise<void>;
  /** Ends background work and gives resources back; called once, at shutdown. */
  close?(): MaybePromise<void>;
}

/**
 * A cache as the host sees it: the seven operations and a lifecycle. Made by
 * {@link defineCacheProvider}; the shape is the one that the host's own
 * TypeScript runtime looks for, so either runtime can serve it.
 */
export class CacheProvider {
  readonly kind = "cache";
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  #name: string;
  readonly #handlers: CacheProviderOptions;

  constructor(handlers: CacheProviderOptions) {
    this.#handlers = handlers;
    this.#name = slugFromName(handlers.name ?? "");
    this.displayName = handlers.displayName ?? "";
    this.description = handlers.description ?? "";
    this.version = handlers.version ?? "";
  }

  /** The configured name, before that the author's, as a slug; may be empty. */
  get name(): string {
    return this.#name;
  }

  /** Takes over `fallback` as the name when the author gave none. */
  resolveName(fallback: string): string {
    this.#name ||= slugFromName(fallback) || DEFAULT_PROVIDER_NAME;
    return this.#name;
  }

  /**
   * Applies a configuration; may be called again with a new one.
   * @throws CacheError `invalid_argument` when the configuration is wrong
   */
  configureProvider(name: string, config: Record<string, unknown>): MaybePromise<void> {
    const configured = this.#handlers.configure?.(name, config);
    const takeName = (): void => {
      this.#name = slugFromName(name) || this.#name;
    };
    if (isPromise(configured)) return configured.then(takeName);
    takeName();
  }

  supportsHealthCheck(): boolean {
    return this.#handlers.healthCheck !== undefined;
  }

  /** Whether the provider can serve; ready when the author gave no check. */
  healthCheck(): MaybePromise<CacheHealth> {
    return this.#handlers.healthCheck?.() ?? { ready: true };
  }

  warnings(): MaybePromise<readonly string[]> {
    return this.#handlers.warnings?.() ?? [];
  }

  startProvider(): MaybePromise<void> {
    return this.#handlers.start?.();
  }

  closeProvider(): MaybePromise<void> {
    return this.#handlers.close?.();
  }

  /** The value of a live key; undefined (or null) for a missing or expired one. */
  get(key: string): MaybePromise<Uint8Array | null | undefined> {
    return this.#handlers.get(key);
  }

  /**
   * Stores a copy of the value; replaces value and TTL.
   * @throws CacheError `invalid_argument` for a bad TTL, `resource_exhausted`
   *   for an entry that is too large; nothing is written then
   */
  set(key: string, value: Uint8Array, options?: CacheSetOptions): MaybePromise<void> {
    return this.#handlers.set(key, value, { ttlMs: parseTtlMs(options?.ttlMs) });
  }

  /** Removes a key; true only if a live entry was there. */
  delete(key: string): MaybePromise<boolean> {
    return this.#handlers.delete(key);
  }

  /** Sets a live key's TTL from now, 0 for never; false for a missing or expired key. */
  touch(key: string, ttlMs: number = NEVER_EXPIRES): MaybePromise<boolean> {
    return this.#handlers.touch(key, parseTtlMs(ttlMs));
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
    if (this.#handlers.getMany) return this.#handlers.getMany(keys, options);
    const { maxBytes = Infinity } = options;
    const found = Object.create(null) as Record<string, Uint8Array>;
    let bytes = 0;
    const done = forEachInOrder(keys, (key, index) => {
      if (found[key] !== undefined) return;
      const take = (value: Uint8Array | null | undefined): void => {
        if (value == null) return;
        bytes += value.length;
        if (bytes > maxBytes) throw tooMuchToRead(bytes, maxBytes, index, keys.length);
        found[key] = value;
      };
      return atPosition(key, index, keys.length, () => {
        const value = this.get(key);
        return isPromise(value) ? value.then(take) : take(value);
      });
    });
    return isPromise(done) ? done.then(() => found) : found;
  }

  /**
   * Writes the entries in order under one TTL; not atomic: when one fails, the
   * error names its key and position, and those before it stay written.
   */
  setMany(entries: readonly CacheEntry[], options?: CacheSetOptions): MaybePromise<void> {
    const checked = { ttlMs: parseTtlMs(options?.ttlMs) };
    if (this.#handlers.setMany) return this.#handlers.setMany(entries, checked);
    return forEachInOrder(entries, ({ key, value }, index) =>
      atPosition(key, index, entries.length, () => this.#handlers.set(key, value, checked)),
    );
  }

  /** How many live entries were removed; a key given twice counts once. */
  deleteMany(keys: readonly string[]): MaybePromise<number> {
    if (this.#handlers.deleteMany) return this.#handlers.deleteMany(keys);
    let removed = 0;
    const seen = new Set<string>();
    const done = forEachInOrder(keys, (key, index) => {
      if (seen.has(key)) return;
      seen.add(key);
      const count = (deleted: boolean): void => {
        if (deleted) removed++;
      };
      return atPosition(key, index, keys.length, () => {
        const deleted = this.delete(key);
        return isPromise(deleted) ? deleted.then(count) : count(deleted);
      });
    });
    return isPromise(done) ? done.then(() => removed) : removed;
  }
}

/** Makes a cache provider of an author's handlers. */
export function defineCacheProvider(options: CacheProviderOptions): CacheProvider {
  return new CacheProvider(options);
}

function tooMuchToRead(bytes: number, limit: number, index: number, count: number): CacheError {
  return new CacheError(
    "resource_exhausted",
    `${index + 1} of ${count} keys hold ${bytes} bytes already, the limit is ${limit}: ask for fewer keys per call`,
  );
}

/** Runs one step of a batch so that its error says which entry it was. */
function atPosition(
  key: string,
  index: number,
  count: number,
  step: () => MaybePromise<void>,
): MaybePromise<void> {
  const explain = (error: unknown): never => {
    if (!(error instanceof CacheError)) throw error;
    const where = `entry ${index + 1} of ${count} (key ${quoteKey(key)})`;
    throw new CacheError(error.code, `${where}: ${error.message}`, { cause: error });
  };
  try {
    const pending = step();
    if (isPromise(pending)) return pending.catch(explain);
  } catch (error) {
    explain(error);
  }
}
