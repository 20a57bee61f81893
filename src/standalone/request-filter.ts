import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Control } from "../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import type { ServiceRoute } from "../rpc/provider-services.js";
import type { Connections } from "../server/limits/connections.js";
import type { Traffic } from "../server/limits/dispatch.js";
import type { Screen } from "../server/http2-endpoint.js";
import { createLazyDispatcher } from "../server/connect/lazy-dispatcher.js";
import { isResetByClient } from "../server/limits/stream-reset.js";
import { streamingPaths } from "../server/grpc/unary-method.js";
import type { AccessCheck } from "./access-check.js";
import type { Http1Calls } from "./http1/http1-calls.js";
import { http1Answer, http2Answer, type Answer } from "./answer.js";
import type { PageCheck } from "./page-check.js";
import { answerPage } from "./pages.js";
import { sendRefusal, type Refusal } from "./refusal.js";

/** What is asked before a request becomes a call. */
export interface ScreenOptions {
  readonly routes: readonly ServiceRoute[];
  readonly traffic: Traffic;
  readonly access: AccessCheck;
  /** Stands before what is no call, and before calls of Control. */
  readonly pageAccess: PageCheck;
  /** The text of `/metrics`. */
  readonly metrics: () => string;
  /** Is told of each refusal. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** Stands before the calls of an HTTP/2 endpoint. */
export function createHttp2Screen(options: ScreenOptions): Screen {
  const { routes, traffic, access, pageAccess, metrics, onRefusal } = options;
  return (dispatch, connections) => {
    const streaming = streamingPaths(routes);
    const dispatchStreaming = createLazyDispatcher(async () => {
      const { createStreamingDispatcher } = await import("./streaming-dispatcher.js");
      return createStreamingDispatcher(routes, connections);
    }, traffic.report);
    return (stream, headers) => {
      const path = headers[":path"] ?? "";
      const method = headers[":method"];
      const isCall = method === "POST" || streaming.has(path);
      const refusal =
        access(path, headers) ??
        (isCall && !isControlCall(path)
          ? undefined
          : pageAccess({ headers, target: path, socket: socketOf(stream) }));
      if (refusal !== undefined) {
        onRefusal(refusal);
        sendRefusal(answerTo(stream, connections), headers["content-type"], refusal);
      } else if (streaming.has(path)) {
        dispatchStreaming(stream, headers);
      } else if (method === "POST") {
        dispatch(stream, headers);
      } else {
        answerPage({ method, url: path }, answerTo(stream, connections), metrics);
      }
    };
  };
}

/** Stands before the calls of an HTTP/1.1 endpoint. */
export function createHttp1Screen(options: ScreenOptions): RequestListener {
  const { routes, traffic, access, pageAccess, metrics, onRefusal } = options;
  let loading: Promise<Http1Calls> | undefined;
  const call = (request: IncomingMessage, response: ServerResponse): void => {
    loading ??= import("./http1/http1-calls.js").then(({ createHttp1Calls }) =>
      createHttp1Calls(routes, traffic),
    );
    loading.then(
      (handle) => handle(request, response),
      (error: unknown) => {
        traffic.report(error, "loading Connect");
        response.destroy();
      },
    );
  };
  return (request, response) => {
    // What is left of a request that was answered early is read and dropped.
    response.once("finish", () => request.resume());
    const { method, url, headers, socket } = request;
    const isCall = method === "POST";
    const refusal =
      access(url, headers) ??
      (isCall && !isControlCall(url) ? undefined : pageAccess({ headers, target: url, socket }));
    if (refusal !== undefined) {
      onRefusal(refusal);
      sendRefusal(http1Answer(response), headers["content-type"], refusal);
    } else if (isCall) {
      call(request, response);
    } else {
      answerPage({ method, url }, http1Answer(response), metrics);
    }
  };
}

/** True for a call that needs the check of pages as well: it changes what others get. */
function isControlCall(path = ""): boolean {
  return path.includes(`/${Control.typeName}/`);
}

/** An answer that counts as a call of its connection. */
function answerTo(stream: ServerHttp2Stream, connections: Connections): Answer {
  stream.on("error", ignore);
  const connection = connections.of(stream);
  if (connection !== undefined && !stream.destroyed) {
    connection.callOpened();
    stream.once("close", () => connection.callClosed(0, isResetByClient(stream)));
  }
  return http2Answer(stream);
}

function socketOf({ session }: ServerHttp2Stream): Socket | undefined {
  return session === undefined || session.destroyed ? undefined : session.socket;
}

function ignore(): void {}
