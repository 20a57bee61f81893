import type { IncomingHttpHeaders } from "node:http2";
import { parseGrpcTimeout } from "../grpc/grpc-timeout.js";
import { MAX_TIMER_MS } from "../limits/long-timeout.js";

/**
 * Returns a call's timeout in milliseconds, or Infinity. It removes a timeout from the headers
 * that is longer than the longest timer: Connect would set a timer that fires at once.
 */
export function takeTimeoutMs(headers: IncomingHttpHeaders): number {
  const grpcTimeout = headers["grpc-timeout"];
  const timeoutMs =
    typeof grpcTimeout === "string"
      ? parseGrpcTimeout(grpcTimeout)
      : Number(headers["connect-timeout-ms"]);
  if (timeoutMs === undefined || Number.isNaN(timeoutMs)) return Infinity;
  if (timeoutMs > MAX_TIMER_MS) {
    Reflect.deleteProperty(headers, "grpc-timeout");
    Reflect.deleteProperty(headers, "connect-timeout-ms");
  }
  return timeoutMs;
}
