import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Control } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import type { ServedMethods } from "../rpc/unary-method.js";
import type { ConnectHandler } from "../server/connect/connect-handler.js";
import { Http1Exchange } from "../server/connect/http1-exchange.js";
import type { RequestFilter } from "../server/http2-endpoint.js";
import { connectionOf } from "../server/limits/http2-connection.js";
import type { ServerContext } from "../server/limits/server-context.js";
import { isResetByClient } from "../server/limits/stream-reset.js";
import type { AccessCheck } from "./access-check.js";
import type { Http1Listener } from "./http1/http1-endpoint.js";
import { createLazyDispatcher } from "./lazy-dispatcher.js";
import type { PageCheck } from "./page-check.js";
import { servePage } from "./pages.js";
import { sendRefusal, type Refusal } from "./refusal.js";
import { http1Responder, http2Responder, type Responder } from "./responder.js";

/** What a request filter checks, and what it serves itself. */
export interface RequestFilterOptions {
  readonly methods: ServedMethods;
  readonly context: ServerContext;
  readonly access: AccessCheck;
  /** Checks requests that are not calls, and calls of Control. */
  readonly pageAccess: PageCheck;
  /** The text of `/metrics`. */
  readonly metrics: () => string;
  /** Called for each refused request. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** Creates the filter of an HTTP/2 endpoint. */
export function createHttp2Filter(options: RequestFilterOptions): RequestFilter {
  const { methods, context, access, pageAccess, metrics, onRefusal } = options;
  const dispatchStreaming = createLazyDispatcher(async () => {
    const { createStreamingDispatcher } = await import("./streaming-dispatcher.js");
    return createStreamingDispatcher(await methods.loadRoutes(), context);
  }, context.report);
  return (dispatch) => (stream, headers) => {
    const path = headers[":path"] ?? "";
    const method = headers[":method"];
    const isStreaming = methods.streaming.has(path.split("?", 1)[0] ?? "");
    const isCall = method === "POST" || isStreaming;
    const refusal =
      access(path, headers) ??
      (isCall && !isControlCall(path)
        ? undefined
        : pageAccess({ headers, target: path, socket: socketOf(stream) }));
    if (refusal !== undefined) {
      onRefusal(refusal);
      sendRefusal(responderOf(stream), headers["content-type"], refusal);
    } else if (isStreaming) {
      dispatchStreaming(stream, headers);
    } else if (isCall) {
      dispatch(stream, headers);
    } else {
      servePage({ method, url: path }, responderOf(stream), metrics);
    }
  };
}

/**
 * Creates the filter of an HTTP/1.1 endpoint.
 *
 * @param handle - serves the calls
 */
export function createHttp1Filter(
  options: RequestFilterOptions,
  handle: ConnectHandler,
): Http1Listener {
  const { access, pageAccess, metrics, onRefusal } = options;
  return (request, response, connection) => {
    // The rest of a request that was answered early is read and dropped.
    response.once("finish", () => request.resume());
    const { method, url, headers, socket } = request;
    const isCall = method === "POST";
    const refusal =
      access(url, headers) ??
      (isCall && !isControlCall(url) ? undefined : pageAccess({ headers, target: url, socket }));
    if (refusal !== undefined) {
      onRefusal(refusal);
      sendRefusal(http1Responder(response), headers["content-type"], refusal);
    } else if (isCall) {
      handle(new Http1Exchange(request, response), connection);
    } else {
      servePage({ method, url }, http1Responder(response), metrics);
    }
  };
}

/** True for a call of Control, which changes what other clients get. */
function isControlCall(path = ""): boolean {
  return path.includes(`/${Control.typeName}/`);
}

/** Returns what answers a request, and counts the request as a call of its connection. */
function responderOf(stream: ServerHttp2Stream): Responder {
  stream.on("error", ignore);
  const connection = connectionOf(stream);
  if (connection !== undefined && !stream.destroyed) {
    connection.callOpened();
    stream.once("close", () => connection.callClosed(0, isResetByClient(stream)));
  }
  return http2Responder(stream);
}

function socketOf({ session }: ServerHttp2Stream): Socket | undefined {
  return session === undefined || session.destroyed ? undefined : session.socket;
}

function ignore(): void {}
