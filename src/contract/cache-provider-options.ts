import type { CacheEntry } from "./cache-entry.js";
import { CacheError, quoteKey } from "./cache-error.js";
import { describeType } from "./describe-type.js";
import { MAX_ENTRY_BYTES } from "./entry-size.js";
import type { CacheHealth } from "./handler-results.js";
import type { MaybePromise } from "./maybe-promise.js";

/** Options of a batch read. */
export interface CacheGetManyOptions {
  /**
   * The most bytes of values that the caller can use; unset: no limit. A batch that reads more
   * fails with `resource_exhausted` before it holds all values in memory.
   */
  readonly maxBytes?: number | undefined;
}

/**
 * The handlers of a cache provider. An author writes at least the four single-key operations.
 * The batches are derived from them unless the author overrides them.
 *
 * Rules for every handler (see docs/semantics.md):
 *
 * - Store a copy of the `value` passed to `set`. It belongs to the caller and may be a view of
 *   a much larger buffer.
 * - Keys, values and TTLs are already checked. A TTL is in whole milliseconds; 0 means that the
 *   entry never expires.
 * - Throw {@link CacheError} with a message for the caller. Any other error is reported as
 *   `internal`, without its message. Lifecycle handlers may throw any error: only the host calls
 *   them, and it receives the message.
 */
export interface CacheProviderOptions {
  /** Returns the value of a live key; null or undefined for a missing or expired key. */
  get(key: string): MaybePromise<Uint8Array | ArrayBuffer | null | undefined>;
  /** Stores a copy of the value. Replaces both value and TTL of an existing entry. */
  set(key: string, value: Uint8Array, options: { readonly ttlMs: number }): MaybePromise<void>;
  /** Removes a key. Returns true only if the key was live. */
  delete(key: string): MaybePromise<boolean>;
  /**
   * Sets the TTL of a live key, counted from now; 0 removes the expiry. Returns false for a
   * missing or expired key, and creates no entry.
   */
  touch(key: string, ttlMs: number): MaybePromise<boolean>;
  /** Returns the values of the live keys, as a record without a prototype. */
  getMany?(
    keys: readonly string[],
    options: CacheGetManyOptions,
  ): MaybePromise<Record<string, Uint8Array | ArrayBuffer>>;
  /** Writes in order: of several entries with one key, the last one is kept. */
  setMany?(entries: readonly CacheEntry[], options: { readonly ttlMs: number }): MaybePromise<void>;
  /** Returns the number of live entries removed. A key given twice counts once. */
  deleteMany?(keys: readonly string[]): MaybePromise<number | bigint>;
  /** The provider's name until the host configures one. Becomes a slug. */
  name?: string;
  /** The name that people read; default: empty. */
  displayName?: string;
  /** One sentence for people; default: empty. */
  description?: string;
  /** Plain semver; default: empty. */
  version?: string;
  /**
   * The size of the largest entry, key and value together, in bytes. A Set of a larger one fails
   * with `resource_exhausted`; the handlers are not called. Default: 4,194,287, the largest entry
   * that a reply can hold: the host accepts replies of up to 4,194,304 bytes. Set a lower limit,
   * of at least 1, for a backend that has one, and `Infinity` for a provider whose handlers check
   * the size.
   */
  maxEntryBytes?: number;
  /**
   * Receives the configured name and the `config:` of the host's entry. The host may call it
   * again with another configuration. Throw `invalid_argument` for a wrong configuration.
   */
  configure?(name: string, config: Record<string, unknown>): MaybePromise<void>;
  /**
   * Reports whether the provider can serve. The provider is ready when this returns nothing. It
   * is not ready when this throws; the operator receives the message of the error.
   */
  healthCheck?(): MaybePromise<CacheHealth | undefined> | MaybePromise<void>;
  /** Warnings for the operator. A function is called for every GetProviderIdentity. */
  warnings?: readonly string[] | (() => MaybePromise<readonly string[]>);
  /** Starts background work. Called after `configure`, but not by every host. */
  start?(): MaybePromise<void>;
  /** Stops background work and releases resources. Called once, at shutdown. */
  close?(): MaybePromise<void>;
}

const REQUIRED_HANDLERS = ["get", "set", "delete", "touch"] as const;

const OPTIONAL_HANDLERS = [
  "getMany",
  "setMany",
  "deleteMany",
  "configure",
  "healthCheck",
  "start",
  "close",
] as const;

const TEXTS = ["name", "displayName", "description", "version"] as const;

/**
 * Checks the options of a provider, for authors in JavaScript: a handler that is missing would
 * otherwise fail at its first call only, and comparisons with a limit that is not a number are false.
 *
 * @throws CacheError `invalid_argument` for a handler that is not a function, a name or another
 *   text that is not a string, `warnings` other than strings or a function, and a `maxEntryBytes`
 *   other than `Infinity` or an integer from 1 to {@link MAX_ENTRY_BYTES}
 */
export function assertProviderOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw refusal("options", "an object with the handlers get, set, delete and touch", options);
  }
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of REQUIRED_HANDLERS) {
    if (typeof given[name] === "function") continue;
    const wayOut = "a cache provider needs get, set, delete and touch";
    throw refusal(name, "a function", given[name], wayOut);
  }
  for (const name of OPTIONAL_HANDLERS) {
    if (given[name] === undefined || typeof given[name] === "function") continue;
    throw refusal(name, "a function, or undefined", given[name], "omit a handler that is not used");
  }
  for (const name of TEXTS) {
    const text = given[name] ?? "";
    if (typeof text !== "string") throw refusal(name, "a string", text);
  }
  const warnings = given["warnings"] ?? [];
  if (typeof warnings !== "function" && !isStringList(warnings)) {
    throw refusal("warnings", "an array of strings, or a function that returns one", warnings);
  }
  const { maxEntryBytes = MAX_ENTRY_BYTES } = given;
  if (maxEntryBytes === Infinity || isEntrySize(maxEntryBytes)) return;
  throw refusal(
    "maxEntryBytes",
    `Infinity or an integer from 1 to ${MAX_ENTRY_BYTES}, the largest entry that a reply can hold`,
    maxEntryBytes,
    "omit it for that limit, and pass Infinity if the handlers check the size",
  );
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isEntrySize(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_ENTRY_BYTES;
}

function refusal(name: string, rule: string, value: unknown, wayOut?: string): CacheError {
  const ending = wayOut === undefined ? "" : `; ${wayOut}`;
  return new CacheError(
    "invalid_argument",
    `${name} must be ${rule} (got ${show(value)})${ending}`,
  );
}

/** A limit is not a secret: text and numbers are shown. */
function show(value: unknown): string {
  if (typeof value === "string") return quoteKey(value);
  return typeof value === "number" ? String(value) : describeType(value);
}
