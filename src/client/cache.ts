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
 * A cache as a plugin uses it. It finds its binding in the environment, connects
 * at the first call, and connects again when the server came back.
 *
 * A cache that is idle never keeps the process alive, so a program may end
 * without closing it; a call that is under way does.
 *
 * Calls reject with a ConnectError: with the server's code and text when it
 * answered, `unavailable` when it could not be reached, `deadline_exceeded` when
 * it took too long, `canceled` once the cache is closed.
 *
 * Arguments are checked before anything is sent, for callers in JavaScript as well: a
 * call rejects with CacheError `invalid_argument` for a key that is not a string or holds
 * half of a surrogate pair; for a value that is not a Uint8Array (a Buffer is one), a
 * DataView or an ArrayBuffer; and for a TTL that is not a number or is longer than a
 * `google.protobuf.Duration` holds.
 */
export class Cache {
  readonly #channel: CacheChannel;
  readonly #client: Client<typeof CacheService>;

  /**
   * @param name - the binding, as the plugin's manifest calls it; may be left out
   *   when there is only one
   * @throws CacheError naming the variable or option that is missing or wrong
   */
  constructor(name = "", options: CacheOptions = {}) {
    this.#channel = new CacheChannel(name, options);
    this.#client = this.#channel.client(CacheService);
  }

  /** The value of a key; undefined when it is missing or expired. */
  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    const { found, value } = await this.#channel.call((options) =>
      this.#client.get({ key }, options),
    );
    return found ? new Uint8Array(value) : undefined;
  }

  /** The values of those keys that are there, in a record without a prototype. */
  async getMany(keys: readonly string[]): Promise<Record<string, Uint8Array>> {
    const asked = [...parseKeys(keys)];
    const { entries } = await this.#channel.call((options) =>
      this.#client.getMany({ keys: asked }, options),
    );
    const present = Object.create(null) as Record<string, Uint8Array>;
    for (const [index, { key, found, value }] of entries.entries()) {
      if (found) present[keyAsAsked(asked[index], key)] = new Uint8Array(value);
    }
    return present;
  }

  /**
   * Stores a value, replacing value and TTL.
   *
   * @param options - the TTL, as options or as a number of milliseconds; 0 or less,
   *   infinity or none: the entry never expires
   */
  async set(key: string, value: Uint8Array, options?: CacheSetOptions | number): Promise<void> {
    const request = { ...copyEntry(key, value), ...ttlField(ttlMsFrom(options)) };
    await this.#channel.call((call) => this.#client.set(request, call));
  }

  /**
   * Stores several values under one TTL, in order; the last of several with one
   * key wins. Not atomic: when one fails, those before it stay written.
   *
   * @param options - as for {@link Cache.set}
   */
  async setMany(entries: Iterable<CacheEntry>, options?: CacheSetOptions | number): Promise<void> {
    const request = { entries: copyEntries(entries), ...ttlField(ttlMsFrom(options)) };
    await this.#channel.call((call) => this.#client.setMany(request, call));
  }

  /** Removes a key; true only if a live entry was there. */
  async delete(key: string): Promise<boolean> {
    assertKey(key);
    const { deleted } = await this.#channel.call((options) =>
      this.#client.delete({ key }, options),
    );
    return deleted;
  }

  /** Removes several keys; how many live entries were removed, a key given twice counting once. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const request = { keys: [...parseKeys(keys)] };
    const { deleted } = await this.#channel.call((options) =>
      this.#client.deleteMany(request, options),
    );
    return Number(deleted);
  }

  /** Gives a live key a new TTL from now, 0 or less for never; false when it is not there. */
  async touch(key: string, ttlMs: number): Promise<boolean> {
    assertKey(key);
    const request = { key, ...ttlField(parseSentTtlMs(ttlMs)) };
    const { touched } = await this.#channel.call((options) => this.#client.touch(request, options));
    return touched;
  }

  /** Drops the connection. Calls in flight and later ones reject with `canceled`. */
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
 * protobuf-es leaves out a byte order mark at the beginning of a string that it reads.
 * Results come in the order of the request, which still has it.
 */
function keyAsAsked(asked: string | undefined, answered: string): string {
  return asked === `\uFEFF${answered}` ? asked : answered;
}
