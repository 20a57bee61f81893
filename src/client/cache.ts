import { durationFromMs, type Duration } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { CacheError } from "../contract/cache-error.js";
import type { CacheEntry, CacheSetOptions } from "../contract/cache-provider.js";
import { parseTtlMs } from "../contract/ttl.js";
import { Cache as CacheService } from "../rpc/gen/gestalt/provider/v1/cache_pb.js";
import {
  cacheTokenVariable,
  findBinding,
  HOST_SERVICE_SOCKET_VARIABLE,
  HOST_SERVICE_TOKEN_VARIABLE,
  type BindingLocation,
  type Environment,
} from "./binding-environment.js";
import { formatCacheTarget, parseCacheTarget } from "./cache-target.js";
import { createCacheTransport, type CacheTransport } from "./cache-transport.js";
import { explainCallError, type CachePlace } from "./call-error.js";
import { sendMetadata } from "./call-metadata.js";
import type { CacheTlsOptions } from "./connect-socket.js";
import { tlsOptionsFromEnvironment } from "./tls-environment.js";

/** How long a call may take unless told otherwise, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** What a {@link Cache} can be told besides its binding. */
export interface CacheOptions {
  /** Where the cache is, instead of asking the environment; see CACHE_TARGET_FORMS. */
  readonly target?: string | undefined;
  /** The token to send with `target`. With the environment, its own token is sent. */
  readonly token?: string | undefined;
  /** Deadline of every call in milliseconds, connecting included; 0 for none. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Certificates for `tls://` targets. Default: the authority that the host's variables name. */
  readonly tls?: CacheTlsOptions | undefined;
  /** Where variables are read. Default: the process's environment, at construction. */
  readonly environment?: Environment | undefined;
}

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
  readonly #place: CachePlace;
  readonly #transport: CacheTransport;
  readonly #client: Client<typeof CacheService>;
  readonly #closing = new AbortController();
  /** What every call is made with. */
  readonly #call = { signal: this.#closing.signal };

  /**
   * @param name - the binding, as the plugin's manifest calls it; may be left out
   *   when there is only one
   * @throws CacheError naming the variable or option that is missing or wrong
   */
  constructor(name = "", options: CacheOptions = {}) {
    const location = locate(name, options);
    const target = parseCacheTarget(location.target, location.source);
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    if (!(timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
      const rule = `must be between 0 and ${MAX_TIMEOUT_MS} ms (got ${timeoutMs})`;
      throw new CacheError("invalid_argument", `timeoutMs ${rule}`);
    }
    this.#place = {
      target: formatCacheTarget(target),
      source: location.source,
      tokenSource: tokenSourceOf(location, name),
      timeoutMs,
    };
    this.#transport = createCacheTransport(target, {
      tls: options.tls ?? tlsOptionsFromEnvironment(options.environment ?? process.env),
      timeoutMs,
      interceptors: [sendMetadata(location)],
    });
    this.#client = createClient(CacheService, this.#transport.transport);
  }

  /** The value of a key; undefined when it is missing or expired. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const { found, value } = await this.#settle(this.#client.get({ key }, this.#call));
    return found ? copyOf(value) : undefined;
  }

  /** The values of those keys that are there, in a record without a prototype. */
  async getMany(keys: readonly string[]): Promise<Record<string, Uint8Array>> {
    const request = { keys: [...keys] };
    const { entries } = await this.#settle(this.#client.getMany(request, this.#call));
    const present = Object.create(null) as Record<string, Uint8Array>;
    for (const { key, found, value } of entries) {
      if (found) present[key] = copyOf(value);
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
    await this.#settle(this.#client.set(request, this.#call));
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
    await this.#settle(this.#client.setMany(request, this.#call));
  }

  /** Removes a key; true only if a live entry was there. */
  async delete(key: string): Promise<boolean> {
    const { deleted } = await this.#settle(this.#client.delete({ key }, this.#call));
    return deleted;
  }

  /** Removes several keys; how many live entries were removed, a key given twice counting once. */
  async deleteMany(keys: readonly string[]): Promise<number> {
    const request = { keys: [...keys] };
    const { deleted } = await this.#settle(this.#client.deleteMany(request, this.#call));
    return Number(deleted);
  }

  /**
   * Gives a live key a new TTL from now, 0 or less for never; false when it is not there.
   *
   * @throws CacheError `invalid_argument` for a TTL that is no number or too long
   */
  async touch(key: string, ttlMs: number): Promise<boolean> {
    const request = { key, ...ttlField(ttlMs) };
    const { touched } = await this.#settle(this.#client.touch(request, this.#call));
    return touched;
  }

  /** Drops the connection. Calls in flight and later ones reject with `canceled`. */
  close(): Promise<void> {
    this.#closing.abort(closedError());
    this.#transport.close();
    return Promise.resolve();
  }

  /** The same as {@link Cache.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #settle<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw this.#call.signal.aborted ? closedError() : explainCallError(error, this.#place);
    }
  }
}

/** The longest wait that a timer can do; longer ones would end at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

function locate(name: string, options: CacheOptions): BindingLocation {
  const { target, token = "" } = options;
  if (target === undefined) {
    const location = findBinding(name, options.environment ?? process.env);
    return options.token === undefined ? location : { ...location, token };
  }
  return { target, token: token.trim(), binding: name.trim(), source: "target" };
}

function tokenSourceOf(location: BindingLocation, name: string): string {
  if (location.source === "target") return "the token option";
  if (location.source === HOST_SERVICE_SOCKET_VARIABLE) return HOST_SERVICE_TOKEN_VARIABLE;
  return cacheTokenVariable(name);
}

/** No TTL at all for "never": what hosts of every age understand. */
function ttlField(ttlMs: number | undefined): { ttl?: Duration } {
  if (ttlMs === undefined || ttlMs <= 0 || ttlMs === Infinity) return {};
  return { ttl: durationFromMs(parseTtlMs(ttlMs)) };
}

/**
 * A decoded value is a view into the whole reply, which it would keep alive; one
 * to be sent is encoded later, when its owner may have changed it.
 */
function copyOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value);
}

function closedError(): ConnectError {
  return new ConnectError("the cache is closed", Code.Canceled);
}
