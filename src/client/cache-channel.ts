import { clearTimeout, setTimeout } from "node:timers";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { CacheError } from "../contract/cache-error.js";
import { describeType } from "../contract/describe-type.js";
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
import { deadlineError, explainCallError, type CachePlace } from "./call-error.js";
import { sendMetadata } from "./call-metadata.js";
import type { CacheTlsOptions } from "./connect-socket.js";
import { parseBindingName, parseMetadataText } from "./metadata-text.js";
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
  readonly #transport: CacheTransport;
  /** The calls that are under way, by what ends them. */
  readonly #calls = new Set<AbortController>();
  #isClosed = false;

  /**
   * @param name - the binding; empty for the only one
   * @throws CacheError naming the variable or option that is missing or wrong
   */
  constructor(name: string, options: CacheOptions) {
    const environment = options.environment ?? process.env;
    const location = locate(parseName(name), options, environment);
    const target = parseCacheTarget(location.target, location.source);
    const timeoutMs = parseTimeoutMs(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const tokenSource = tokenSourceOf(location, name, options.token);
    this.place = {
      target: formatCacheTarget(target),
      source: location.source,
      tokenSource,
      timeoutMs,
    };
    const metadata = {
      token: parseMetadataText(location.token, `the token, read from ${tokenSource},`),
      binding: parseBindingName(location.binding),
      timeoutMs,
    };
    this.#transport = createCacheTransport(target, {
      tls: options.tls ?? tlsOptionsFromEnvironment(environment),
      timeoutMs,
      interceptors: [sendMetadata(metadata)],
    });
  }

  /** A client of one of the server's services; make its calls with {@link CacheChannel.call}. */
  client<Service extends DescService>(service: Service): Client<Service> {
    return createClient(service, this.#transport.transport);
  }

  /**
   * Makes a call that ends: with its answer, at its deadline, or when the channel is
   * closed. Each call has a signal and a timer of its own. Connect's timer would stop
   * with the clock of a test framework, and a signal that all calls share would collect
   * a listener from each of them.
   *
   * @param send - makes the call, with the options that it is given
   * @throws ConnectError for the person reading it: see {@link explainCallError};
   *   `canceled` once the channel is closed
   */
  async call<T>(send: (options: { readonly signal: AbortSignal }) => Promise<T>): Promise<T> {
    this.#throwIfClosed();
    const { timeoutMs } = this.place;
    const call = new AbortController();
    const timer =
      timeoutMs > 0 ? setTimeout(() => call.abort(deadlineError(timeoutMs)), timeoutMs) : undefined;
    this.#calls.add(call);
    try {
      return await send({ signal: call.signal });
    } catch (error) {
      this.#throwIfClosed();
      throw explainCallError(error, this.place);
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
    }
  }

  /** Drops the connection for good; calls in flight fail. */
  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) call.abort(closedError());
    this.#transport.close();
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw closedError();
  }
}

function parseName(name: unknown): string {
  if (typeof name === "string") return name;
  if (name === undefined || name === null) return "";
  throw new CacheError(
    "invalid_argument",
    `name must be a string (got ${describeType(name)}); options are the second argument`,
  );
}

function locate(name: string, options: CacheOptions, environment: Environment): BindingLocation {
  const { target, token } = options;
  const found =
    target === undefined
      ? findBinding(name, environment)
      : { target, token: "", binding: name.trim(), source: "target" };
  return token === undefined ? found : { ...found, token };
}

function parseTimeoutMs(timeoutMs: unknown): number {
  const isNumber = typeof timeoutMs === "number";
  if (isNumber && timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw new CacheError(
    "invalid_argument",
    `timeoutMs must be between 0 and ${MAX_TIMEOUT_MS} ms (got ${isNumber ? timeoutMs : describeType(timeoutMs)})`,
  );
}

function tokenSourceOf(location: BindingLocation, name: string, token: unknown): string {
  if (token !== undefined || location.source === "target") return "the token option";
  if (location.source === HOST_SERVICE_SOCKET_VARIABLE) return HOST_SERVICE_TOKEN_VARIABLE;
  return cacheTokenVariable(name);
}

function closedError(): ConnectError {
  return new ConnectError("the cache is closed", Code.Canceled);
}
