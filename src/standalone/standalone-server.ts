import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { methodsOfRoutes } from "../rpc/route-methods.js";
import { errorLine } from "../server/error-line.js";
import { createHttp2Endpoint, type Http2Endpoint } from "../server/http2-endpoint.js";
import type { ListenAddress } from "../server/listen/listen-address.js";
import { timerDelayMs } from "../server/limits/long-timeout.js";
import { parseServerLimits } from "../server/limits/parse-server-limits.js";
import type { ServerLimits } from "../server/limits/server-limits.js";
import { createServerContext } from "../server/limits/server-context.js";
import { createAccessCheck } from "./access-check.js";
import { openProtocolListener, type ProtocolListener } from "./protocol-listener.js";
import { createHealthService } from "./services/health-service.js";
import { Http1Endpoint } from "./http1/http1-endpoint.js";
import type { Log } from "./log.js";
import { metricsPage, type MeasuredCache } from "./metrics/metrics-page.js";
import { maxOpenFiles } from "./open-file-limit.js";
import { createPageCheck } from "./page-check.js";
import { createReflectionRoutes } from "./services/reflection-service.js";
import { createThrottledLog } from "./throttled-log.js";
import { createHttp1Filter, createHttp2Filter } from "./request-filter.js";
import type { TlsCredentials } from "./tls-credentials.js";

/** The files that the process needs besides the sockets of clients. */
const RESERVED_FILES = 64;

/** The fewest sockets of clients, half of them with an unknown protocol. */
const MIN_SOCKETS = 16;

/** Services, and the addresses that serve them. */
export interface StandaloneEndpoint {
  readonly routes: readonly ServiceRoute[];
  /** The Control service, served on Unix sockets besides, and elsewhere if `controlOnTcp`. */
  readonly control?: ServiceRoute | undefined;
  readonly addresses: readonly ListenAddress[];
}

/** Options of {@link startStandaloneServer}. */
export interface StandaloneOptions {
  readonly endpoints: readonly StandaloneEndpoint[];
  /** The caches on the page `/metrics`. */
  readonly caches: readonly MeasuredCache[];
  readonly version: string;
  /** What clients must send with every request; without a token, all clients are served. */
  readonly token?: string | undefined;
  /** Required for `tls` addresses. */
  readonly tls?: TlsCredentials | undefined;
  /** Limits that differ from the defaults. They bound all endpoints together. */
  readonly limits?: Partial<ServerLimits>;
  /** Serve Control on TCP and TLS addresses as well. Default false. */
  readonly controlOnTcp?: boolean | undefined;
  readonly log: Log;
  /** Called with errors that cannot be sent to a client; default: logs them. */
  readonly report?: ((error: unknown, where: string) => void) | undefined;
}

/** A server that accepts connections. */
export interface StandaloneServer {
  /** The addresses of each endpoint, in the order of the options, with the real ports. */
  readonly addresses: readonly (readonly ListenAddress[])[];
  /**
   * Closes the server. Its health becomes NOT_SERVING, it accepts no more connections, and it
   * waits for calls in flight for at most `limits.drainTimeoutMs`. A second call returns the
   * same promise.
   */
  close(): Promise<void>;
}

/**
 * Serves caches without a host: gRPC, gRPC-Web, Connect and JSON, over HTTP/1.1 and HTTP/2, with
 * health, reflection and metrics. Settles when all addresses accept connections.
 *
 * @throws ListenError when it cannot listen at one of the addresses; then it listens at none
 */
export async function startStandaloneServer(options: StandaloneOptions): Promise<StandaloneServer> {
  const { log, caches, version } = options;
  // Beyond the limit of open files, no connection is accepted that could replace a silent one.
  const maxSockets = Math.max(MIN_SOCKETS, maxOpenFiles() - RESERVED_FILES);
  const { maxConnections } = parseServerLimits(options.limits);
  const context = createServerContext({
    limits: {
      ...options.limits,
      maxConnections: Math.min(maxConnections, Math.floor(maxSockets / 2)),
    },
    report: options.report ?? ((error, where) => log.write("error", errorLine(error, where))),
  });
  const stopping = new AbortController();
  // Every streaming call adds a listener. Node would warn of a leak at the eleventh.
  setMaxListeners(0, stopping.signal);
  const access = createAccessCheck(options.token);
  const noticeRefusal = createThrottledLog(log, "warn");
  const noticeHandshake = createThrottledLog(log, "warn");
  let denied = 0;
  const server = {
    version,
    callsInFlight: () => context.calls.size,
    bytesInFlight: () => context.budget.heldBytes,
    denied: () => denied,
  };

  const carry = (own: readonly ServiceRoute[], addresses: readonly ListenAddress[]): Carrier => {
    const services = own.map(({ service }) => service);
    const names = services.map(({ typeName }) => typeName);
    const health = createHealthService(names, stopping.signal);
    const shown = [...services, health.service];
    const routes = [...own, health, ...createReflectionRoutes(shown, stopping.signal)];
    const methods = methodsOfRoutes(routes);
    const filter = {
      methods,
      context,
      access,
      pageAccess: options.token === undefined ? createPageCheck(addresses) : serveAll,
      metrics: () => metricsPage(caches, server),
      onRefusal: ({ message }: { message: string }) => {
        denied++;
        noticeRefusal(`request refused: ${message}`);
      },
    };
    const http2 = createHttp2Endpoint(methods, context, {}, createHttp2Filter(filter));
    const http1 = new Http1Endpoint(createHttp1Filter(filter, http2.handleConnect), context);
    return { http1, http2 };
  };
  const endpoints = options.endpoints.map(({ routes, control, addresses }) => {
    const made = new Map<boolean, Carrier>();
    const carrierFor = ({ kind }: ListenAddress): Carrier => {
      const isControlled = kind === "unix" || options.controlOnTcp === true;
      const carrier =
        made.get(isControlled) ??
        carry(isControlled && control !== undefined ? [...routes, control] : routes, addresses);
      made.set(isControlled, carrier);
      return carrier;
    };
    return { addresses, carrierFor };
  });

  const addressCount = options.endpoints.flatMap(({ addresses }) => addresses).length;
  const maxPending = Math.min(maxConnections, Math.ceil(maxSockets / 2 / addressCount));
  const listeners: ProtocolListener[] = [];
  const close = async (): Promise<void> => {
    stopping.abort();
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    context.connections.closeAll();
    const timeout = setTimeout(() => {
      for (const listener of listeners) listener.destroyAll();
    }, timerDelayMs(context.limits.drainTimeoutMs));
    await closed;
    clearTimeout(timeout);
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());

  const bound: ListenAddress[][] = [];
  try {
    for (const { addresses, carrierFor } of endpoints) {
      const own: ListenAddress[] = [];
      for (const address of addresses) {
        const { http1, http2 } = carrierFor(address);
        const listener = await openProtocolListener(address, {
          tls: options.tls,
          handshakeTimeoutMs: timerDelayMs(context.limits.handshakeTimeoutMs),
          maxPending,
          onHttp1: (socket) => http1.accept(socket),
          onHttp2: (socket) => void http2.server.emit("connection", socket),
          onHandshakeError: (error) => noticeHandshake(errorLine(error, "TLS handshake failed")),
          report: context.report,
        });
        listeners.push(listener);
        own.push(listener.address);
      }
      bound.push(own);
    }
  } catch (error) {
    await closeOnce();
    throw error;
  }
  return { addresses: bound, close: closeOnce };
}

/** What carries the calls of one set of services, in both versions of HTTP. */
interface Carrier {
  readonly http1: Http1Endpoint;
  readonly http2: Http2Endpoint;
}

/** With a token there is nothing to check: no web page has it. */
function serveAll(): undefined {
  return undefined;
}
