import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { CacheError } from "../contract/cache-error.js";
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

/** The longest wait that a timer can do; longer ones would end at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** How to reach a cache, besides its binding. */
export interface CacheOptions {
  /** Where the cache is, instead of asking the environment; see CACHE_TARGET_FORMS. */
  readonly target?: string | undefined;
  /** The token to send, instead of the environment's. */
  readonly token?: string | undefined;
  /** Deadline of every call in milliseconds, connecting included; 0 for none. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Certificates for `tls://` targets. Default: the authority that the host's variables name. */
  readonly tls?: CacheTlsOptions | undefined;
  /** Where variables are read. Default: the process's environment, at construction. */
  readonly environment?: Environment | undefined;
}

/**
 * The way to one cache: finds it, connects at the first call and again when the
 * server came back, and explains what goes wrong on the way. An idle one never
 * keeps the process alive; a call that is under way does.
 */
export class CacheChannel {
  /** Where it leads to, and who said so. */
  readonly place: CachePlace;
  /** What every call must be made with. */
  readonly call: { readonly signal: AbortSignal };
  readonly #transport: CacheTransport;
  readonly #closing = new AbortController();

  /**
   * @param name - the binding; empty for the only one
   * @throws CacheError naming the variable or option that is missing or wrong
   */
  constructor(name: string, options: CacheOptions) {
    const environment = options.environment ?? process.env;
    const location = locate(name, options, environment);
    const target = parseCacheTarget(location.target, location.source);
    const timeoutMs = parseTimeoutMs(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    this.place = {
      target: formatCacheTarget(target),
      source: location.source,
      tokenSource: tokenSourceOf(location, name),
      timeoutMs,
    };
    this.call = { signal: this.#closing.signal };
    this.#transport = createCacheTransport(target, {
      tls: options.tls ?? tlsOptionsFromEnvironment(environment),
      timeoutMs,
      interceptors: [sendMetadata(location)],
    });
  }

  /** A client of one of the server's services; give its calls {@link CacheChannel.call}. */
  client<Service extends DescService>(service: Service): Client<Service> {
    return createClient(service, this.#transport.transport);
  }

  /**
   * Waits for a call.
   *
   * @throws ConnectError for the person reading it: see {@link explainCallError};
   *   `canceled` once the channel is closed
   */
  async settle<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw this.call.signal.aborted ? closedError() : explainCallError(error, this.place);
    }
  }

  /** Drops the connection for good; calls in flight fail. */
  close(): void {
    this.#closing.abort(closedError());
    this.#transport.close();
  }
}

function locate(name: string, options: CacheOptions, environment: Environment): BindingLocation {
  const { target, token } = options;
  const found =
    target === undefined
      ? findBinding(name, environment)
      : { target, token: "", binding: name.trim(), source: "target" };
  return token === undefined ? found : { ...found, token: token.trim() };
}

function parseTimeoutMs(timeoutMs: number): number {
  if (timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new CacheError(
    "invalid_argument",
    `timeoutMs must be between 0 and ${MAX_TIMEOUT_MS} ms (got ${timeoutMs})`,
  );
}

function tokenSourceOf(location: BindingLocation, name: string): string {
  if (location.source === "target") return "the token option";
  if (location.source === HOST_SERVICE_SOCKET_VARIABLE) return HOST_SERVICE_TOKEN_VARIABLE;
  return cacheTokenVariable(name);
}

function closedError(): ConnectError {
  return new ConnectError("the cache is closed", Code.Canceled);
}
