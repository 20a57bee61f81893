import { durationFromMs, type Duration } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import { assertKey } from "../contract/assert-key.js";
import type { CacheEntry, CacheSetOptions } from "../contract/cache-entry.js";
import { parseKeys } from "../contract/parse-batch.js";
import { Cache as CacheService } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { copyEntries, copyEntry, parseSentTtlMs, ttlMsFrom } from "./call-arguments.js";
import { CacheChannel, type CacheOptions } from "./cache-channel.js";

export type { CacheOptions } from "./cache-channel.js";

/**
 * A cache for plugin code. It finds its binding in the environment, connects at the first call,
 * and connects again after a failure.
 *
 * An idle cache does not keep the process alive, so a program may end without closing it. A call
 * in flight does.
 *
 * A call rejects with a ConnectError: `unavailable` when the server cannot be reached,
 * `deadline_exceeded` when the deadline passes, `canceled` after {@link Cache.close}, and
 * otherwise with the code and message that the server sent.
 *
 * Arguments are checked before anything is sent, for callers in JavaScript too. A call rejects
 * with CacheError `invalid_argument` for a key that is not a string or has a lone surrogate, for a
 * value that is not a Uint8Array (a Buffer is one), a DataView or an ArrayBuffer, and for a TTL
 * that is not a number or exceeds the longest `google.protobuf.Duration`.
 */
export class Cache {
  readonly #channel: CacheChannel;
  readonly #client: Client<typeof CacheService>;

  /**
   * @param name - the binding, as in the plugin's manifest; empty for the only binding
   * @throws CacheError that names the missing or wrong variable or option
   */
  constructor(name = "", options: CacheOptions = {}) {
    this.#channel = new CacheChannel(name, options);
    this.#client = this.#channel.client(CacheService);
  }

  /** Returns the value of a key as a copy; undefined for a missing or expired key. */
  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    const { found, value } = await this.#channel.call((options) =>
      this.#client.get({ key }, options),
    );
    return found ? new Uint8Array(value) : undefined;
  }

  /**
   * Returns the values of the live keys, in a record without a prototype. Fails with
   * `resource_exhausted` when the reply would exceed the server's limit; request fewer keys then.
   */
  async getMany(keys: readonly string[]): Promise<Record<string, Uint8Array>> {
    const requested = [...parseKeys(keys)];
    const { entries } = await this.#channel.call((options) =>
      this.#client.getMany({ keys: requested }, options),
    );
    const present = Object.create(null) as Record<string, Uint8Array>;
    for (const [index, { key, found, value }] of entries.entries()) {
      if (found) present[restoreByteOrderMark(key, requested[index])] = new Uint8Array(value);
    }
    return present;
  }

  /**
   * Stores a value. Replaces both value and TTL of an existing entry.
   *
   * @param options - the TTL, as options or as a number of milliseconds. Without a TTL, and with 0,
   *   less than 0 or Infinity, the entry never expires
   */
  async set(key: string, value: Uint8Array, options?: CacheSetOptions | number): Promise<void> {
    const request = { ...copyEntry(key, value), ...ttlField(ttlMsFrom(options)) };
    await this.#channel.call((call) => this.#client.set(request, call));
  }

  /**
   * Stores several values in order, with one TTL for all. Of several entries with one key, the
   * last one is kept. Not atomic: when a write fails, the entries before it stay written.
   *
   * @param options - as for {@link Cache.set}
   */
  async setMany(entries: Iterable<CacheEntry>, options?: CacheSetOptions | number): Promise<void> {
    const request = { entries: copyEntries(entries), ...ttlField(ttlMsFrom(options)) };
    await this.#channel.call((call) => this.#client.setMany(request, call));
  }

  /** Removes a key. Returns true only if the key was live. */
  async delete(key: string): Promise<boolean> {
    assertKey(key);
    const { deleted } = await this.#channel.call((options) =>
      this.#client.delete({ key }, options),
    );
    return deleted;
  }

  /** Removes keys. Returns the number of live entries removed; a key given twice counts once. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const request = { keys: [...parseKeys(keys)] };
    const { deleted } = await this.#channel.call((options) =>
      this.#client.deleteMany(request, options),
    );
    return Number(deleted);
  }

  /**
   * Sets the TTL of a live key, in milliseconds from now; 0 or less removes the expiry. Returns
   * false for a missing or expired key.
   */
  async touch(key: string, ttlMs: number): Promise<boolean> {
    assertKey(key);
    const request = { key, ...ttlField(parseSentTtlMs(ttlMs)) };
    const { touched } = await this.#channel.call((options) => this.#client.touch(request, options));
    return touched;
  }

  /** Closes the connection. Calls in flight and later calls reject with `canceled`. */
  close(): Promise<void> {
    this.#channel.close();
    return Promise.resolve();
  }

  /** The same as {@link Cache.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function ttlField(ttlMs: number | undefined): { ttl?: Duration } {
  return ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) };
}

/**
 * protobuf-es (2) drops a byte order mark at the beginning of a string that it reads. Results are
 * in the order of the request, so the requested key restores it.
 */
function restoreByteOrderMark(received: string, requested: string | undefined): string {
  return requested === `\uFEFF${received}` ? requested : received;
}
