import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { errorLine } from "../server/error-line.js";
import { createHttp2Endpoint, type Http2Endpoint } from "../server/http2-endpoint.js";
import type { ListenAddress } from "../server/listen/listen-address.js";
import type { ServerLimits } from "../server/limits/server-limits.js";
import { createTraffic } from "../server/limits/traffic.js";
import { createAccessCheck } from "./access-check.js";
import { openFrontDoor, type FrontDoor } from "./protocol-listener.js";
import { createHealthService } from "./services/health-service.js";
import { Http1Endpoint } from "./http1/http1-endpoint.js";
import type { Log } from "./log.js";
import { metricsPage, type MeasuredCache } from "./metrics/metrics-page.js";
import { createPageCheck } from "./page-check.js";
import { createReflectionRoutes } from "./services/reflection-service.js";
import { createRepeatedNotice } from "./repeated-notice.js";
import { createHttp1Screen, createHttp2Screen } from "./request-filter.js";
import type { TlsCredentials } from "./tls-credentials.js";

/** The same services at one or more addresses. */
export interface StandaloneEndpoint {
  readonly routes: readonly ServiceRoute[];
  /** The Control service, served on Unix sockets besides, and elsewhere if `controlOnTcp`. */
  readonly control?: ServiceRoute | undefined;
  readonly addresses: readonly ListenAddress[];
}

/** What a standalone server serves, and to whom. */
export interface StandaloneOptions {
  readonly endpoints: readonly StandaloneEndpoint[];
  /** What `/metrics` shows. */
  readonly caches: readonly MeasuredCache[];
  readonly version: string;
  /** What clients must send with every request; without one, whoever connects is served. */
  readonly token?: string | undefined;
  /** Needed for `tls` addresses. */
  readonly tls?: TlsCredentials | undefined;
  /** Bounds that differ from the defaults; shared by all endpoints. */
  readonly limits?: Partial<ServerLimits>;
  /** Serve Control on TCP and TLS addresses as well. Default false. */
  readonly controlOnTcp?: boolean | undefined;
  readonly log: Log;
  /** Takes errors that no client can be told; by default the log does. */
  readonly report?: ((error: unknown, where: string) => void) | undefined;
}

/** A server that is accepting connections. */
export interface StandaloneServer {
  /** Where each endpoint listens, as given; for TCP with the ports that were really taken. */
  readonly addresses: readonly (readonly ListenAddress[])[];
  /**
   * Ends it: says so to those who watch its health, accepts no more, and lets calls
   * in flight finish (for at most `limits.drainMs`). May be called twice.
   */
  close(): Promise<void>;
}

/**
 * Serves caches without a host: gRPC, gRPC-Web, Connect and JSON, over HTTP/1.1 and
 * HTTP/2 alike, with health, reflection and metrics. Settled when all addresses
 * accept.
 *
 * @throws ListenError when one of them cannot be had; then none is
 */
export async function startStandaloneServer(options: StandaloneOptions): Promise<StandaloneServer> {
  const { log, limits, caches, version } = options;
  const traffic = createTraffic({
    ...(limits === undefined ? {} : { limits }),
    report: options.report ?? ((error, where) => log.write("error", errorLine(error, where))),
  });
  const stopping = new AbortController();
  // Every streaming call listens; Node would take ten of them for a leak.
  setMaxListeners(0, stopping.signal);
  const access = createAccessCheck(options.token);
  const noticeRefusal = createRepeatedNotice(log, "warn");
  const noticeHandshake = createRepeatedNotice(log, "warn");
  let denied = 0;
  const server = {
    version,
    callsInFlight: () => traffic.calls.size,
    bytesInFlight: () => traffic.budget.heldBytes,
    denied: () => denied,
  };

  const carriers: Carrier[] = [];
  const carry = (own: readonly ServiceRoute[], addresses: readonly ListenAddress[]): Carrier => {
    const services = own.map(({ service }) => service);
    const names = services.map(({ typeName }) => typeName);
    const health = createHealthService(names, stopping.signal);
    const shown = [...services, health.service];
    const routes = [...own, health, ...createReflectionRoutes(shown, stopping.signal)];
    const screen = {
      routes,
      traffic,
      access,
      pageAccess: options.token === undefined ? createPageCheck(addresses) : serveAll,
      metrics: () => metricsPage(caches, server),
      onRefusal: ({ message }: { message: string }) => {
        denied++;
        noticeRefusal(`request refused: ${message}`);
      },
    };
    const http2 = createHttp2Endpoint({ routes }, traffic, createHttp2Screen(screen));
    const http1 = new Http1Endpoint(createHttp1Screen(screen), traffic);
    carriers.push({ http1, http2 });
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

  const doors: FrontDoor[] = [];
  const close = async (): Promise<void> => {
    stopping.abort();
    const closed = Promise.all(doors.map((door) => door.close()));
    for (const { http1, http2 } of carriers) {
      http1.closeAll();
      http2.connections.closeAll();
    }
    const impatience = setTimeout(() => {
      for (const door of doors) door.destroyAll();
    }, traffic.limits.drainMs);
    await closed;
    clearTimeout(impatience);
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());

  const bound: ListenAddress[][] = [];
  try {
    for (const { addresses, carrierFor } of endpoints) {
      const own: ListenAddress[] = [];
      for (const address of addresses) {
        const { http1, http2 } = carrierFor(address);
        const door = await openFrontDoor(address, {
          tls: options.tls,
          muteMs: traffic.limits.muteMs,
          maxUndecided: traffic.limits.maxConnections,
          onHttp1: (socket) => http1.accept(socket),
          onHttp2: (socket) => void http2.server.emit("connection", socket),
          onHandshakeError: (error) => noticeHandshake(errorLine(error, "TLS handshake failed")),
          report: traffic.report,
        });
        doors.push(door);
        own.push(door.address);
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

/** With a token there is nothing to check: no page of a browser knows it. */
function serveAll(): undefined {
  return undefined;
}
