import { durationFromMs, type Duration } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { CacheEntry, CacheSetOptions } from "../contract/cache-provider.js";
import { parseTtlMs } from "../contract/ttl.js";
import { Cache as CacheService } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
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
    const { found, value } = await this.#channel.settle(
      this.#client.get({ key }, this.#channel.call),
    );
    return found ? copyOf(value) : undefined;
  }

  /** The values of those keys that are there, in a record without a prototype. */
  async getMany(keys: readonly string[]): Promise<Record<string, Uint8Array>> {
    const request = { keys: [...keys] };
    const { entries } = await this.#channel.settle(
      this.#client.getMany(request, this.#channel.call),
    );
    const present = Object.create(null) as Record<string, Uint8Array>;
    for (const [index, { key, found, value }] of entries.entries()) {
      if (found) present[keyAsAsked(keys[index], key)] = copyOf(value);
    }
    return present;
  }

  /**
   * Stores a value, replacing value and TTL. A TTL of 0 or less, or none: never expires.
   *
   * @throws CacheError `invalid_argument` for a TTL that is no number or too long
   */
  async set(key: string, value: Uint8Array, options?: CacheSetOptions): Promise<void> {
    const request = { key, value: copyOf(value), ...ttlField(options?.ttlMs) };
    await this.#channel.settle(this.#client.set(request, this.#channel.call));
  }

  /**
   * Stores several values under one TTL, in order; the last of several with one
   * key wins. Not atomic: when one fails, those before it stay written.
   *
   * @throws CacheError `invalid_argument` for a TTL that is no number or too long
   */
  async setMany(entries: Iterable<CacheEntry>, options?: CacheSetOptions): Promise<void> {
    const sent = Array.from(entries, ({ key, value }) => ({ key, value: copyOf(value) }));
    const request = { entries: sent, ...ttlField(options?.ttlMs) };
    await this.#channel.settle(this.#client.setMany(request, this.#channel.call));
  }

  /** Removes a key; true only if a live entry was there. */
  async delete(key: string): Promise<boolean> {
    const { deleted } = await this.#channel.settle(
      this.#client.delete({ key }, this.#channel.call),
    );
    return deleted;
  }

  /** Removes several keys; how many live entries were removed, a key given twice counting once. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const request = { keys: [...keys] };
    const { deleted } = await this.#channel.settle(
      this.#client.deleteMany(request, this.#channel.call),
    );
    return Number(deleted);
  }

  /**
   * Gives a live key a new TTL from now, 0 or less for never; false when it is not there.
   *
   * @throws CacheError `invalid_argument` for a TTL that is no number or too long
   */
  async touch(key: string, ttlMs: number): Promise<boolean> {
    const request = { key, ...ttlField(ttlMs) };
    const { touched } = await this.#channel.settle(this.#client.touch(request, this.#channel.call));
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

/** No TTL at all for "never": what hosts of every age understand. */
function ttlField(ttlMs: number | undefined): { ttl?: Duration } {
  if (ttlMs === undefined || ttlMs <= 0 || ttlMs === Infinity) return {};
  return { ttl: durationFromMs(parseTtlMs(ttlMs)) };
}

/**
 * protobuf-es leaves out a byte order mark at the beginning of a string that it reads.
 * Results come in the order of the request, which still has it.
 */
function keyAsAsked(asked: string | undefined, answered: string): string {
  return asked === `\uFEFF${answered}` ? asked : answered;
}

/**
 * A decoded value is a view into the whole reply, which it would keep alive; one
 * to be sent is encoded later, when its owner may have changed it.
 */
function copyOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value);
}
