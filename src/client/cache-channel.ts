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

/** The default deadline of a call, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** The longest delay of a timer; with a longer one it fires at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** Options of a cache client. */
export interface CacheOptions {
  /**
   * The target: a socket path, `unix:///path`, `tcp://host:port` or `tls://host:port`. Default: the
   * environment's, for the binding.
   */
  readonly target?: string | undefined;
  /** The token to send; empty for none. Default: the environment's, unless `target` is given. */
  readonly token?: string | undefined;
  /** The deadline of every call in milliseconds, connecting included; 0 for none. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Certificates for `tls://` targets. Default: the CA certificate of the host's variables. */
  readonly tls?: CacheTlsOptions | undefined;
  /** The environment variables. Default: those of the process, at construction. */
  readonly environment?: Environment | undefined;
}

/**
 * A channel to one cache. It finds the cache, connects at the first call and after a failure, and
 * explains errors of the connection. A call keeps the process alive until it ends; an idle channel
 * does not.
 */
export class CacheChannel {
  /** The target, and where it comes from. */
  readonly place: CachePlace;
  readonly #transport: CacheTransport;
  /** One controller for each call in flight. */
  readonly #calls = new Set<AbortController>();
  #isClosed = false;

  /**
   * @param name - the binding; empty for the only one
   * @throws CacheError that names the missing or wrong variable or option
   */
  constructor(name: string, options: CacheOptions) {
    assertOptions(options);
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

  /** Creates a client of a service. Make its calls inside {@link CacheChannel.call}. */
  client<Service extends DescService>(service: Service): Client<Service> {
    return createClient(service, this.#transport.transport);
  }

  /**
   * Makes a call. It ends with its reply, at its deadline, or when the channel closes.
   *
   * Each call has its own signal and timer. Connect's timer would stop with the fake clock of a
   * test framework, and a shared signal would collect a listener from each call.
   *
   * @param send - makes the call with the given options
   * @throws ConnectError, as {@link explainCallError} describes; `canceled` after
   *   {@link CacheChannel.close}
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

  /** Closes the channel. Calls in flight and later calls fail with `canceled`. */
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

/** Checks the types that the functions below do not. */
function assertOptions(options: unknown): asserts options is CacheOptions {
  const assertObject = (what: string, value: unknown): void => {
    if (Object.prototype.toString.call(value) === "[object Object]") return;
    throw new CacheError(
      "invalid_argument",
      `${what} must be an object (got ${describeType(value)})`,
    );
  };
  assertObject("options", options);
  const { target, tls, environment } = options as Record<keyof CacheOptions, unknown>;
  assertObject("tls", tls ?? {});
  assertObject("environment", environment ?? {});
  if (target === undefined || typeof target === "string") return;
  throw new CacheError("invalid_argument", `target must be a string (got ${describeType(target)})`);
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
