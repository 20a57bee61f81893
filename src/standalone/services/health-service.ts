import {
  Health,
  HealthCheckResponse_ServingStatus,
} from "../../rpc/gen/grpc/health/v1/health_pb.js";
import { routeOf, type ServiceRoute } from "../../rpc/provider-services.js";
import { abortOfAny } from "./abort-of-any.js";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;

/**
 * Creates gRPC's health service. Its status is SERVING until the server stops; then Watch sends
 * NOT_SERVING and ends.
 *
 * @param services - the full names of the services with a status; the empty name, for the
 *   server as a whole, is added
 * @param stopping - aborted when the server begins to stop
 */
export function createHealthService(
  services: readonly string[],
  stopping: AbortSignal,
): ServiceRoute {
  const known = new Set(["", ...services]);
  const status = (): HealthCheckResponse_ServingStatus =>
    stopping.aborted ? NOT_SERVING : SERVING;

  return routeOf(Health, {
    check({ service }) {
      if (known.has(service)) return { status: status() };
      throw new RpcError(StatusCode.notFound, `unknown service ${shortened(service)}`);
    },
    async *watch({ service }, { signal }) {
      const isKnown = known.has(service);
      yield { status: isKnown ? status() : SERVICE_UNKNOWN };
      await abortOfAny([signal, stopping]);
      if (!signal.aborted && isKnown) yield { status: status() };
    },
    list: () => ({
      statuses: Object.fromEntries(Array.from(known, (name) => [name, { status: status() }])),
    }),
  });
}

function shortened(name: string): string {
  return JSON.stringify(name.length <= 100 ? name : `${name.slice(0, 100)}…`);
}
