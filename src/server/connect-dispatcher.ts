import type { IncomingMessage, ServerResponse } from "node:http";
import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { ServiceRoute } from "../rpc/provider-services.js";
import type { Dispatch, Traffic } from "./dispatch.js";

/**
 * What every request says as its authority by the time Connect reads it. Connect
 * builds a URL of it and dies of those that are none: gRPC's C core sends the
 * escaped path of a Unix socket. Nothing here depends on it.
 */
export const HARMLESS_AUTHORITY = "localhost";

/** Serves one request, of HTTP/2 or HTTP/1.1, whose authority is harmless. */
export type ConnectHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** Carries the routes with Connect's Node adapter: gRPC, gRPC-Web and Connect. */
export function createConnectDispatcher(
  routes: readonly ServiceRoute[],
  traffic: Traffic,
): Dispatch {
  const handle = createConnectHandler(routes, traffic);
  return (stream, headers) => {
    headers[":authority"] = HARMLESS_AUTHORITY;
    handle(new Http2ServerRequest(stream, headers, {}, []), new Http2ServerResponse(stream));
  };
}

/** The same for whoever has requests and responses in hand. */
export function createConnectHandler(
  routes: readonly ServiceRoute[],
  { limits }: Traffic,
): ConnectHandler {
  const handle = connectNodeAdapter({
    routes: (router) => {
      for (const { service, implementation } of routes) router.service(service, implementation);
    },
    readMaxBytes: limits.maxRequestBytes,
    acceptCompression: [],
  });
  return (request, response) => handle(request, response);
}
