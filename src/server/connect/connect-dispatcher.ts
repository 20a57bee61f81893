import { constants } from "node:http2";
import {
  compressionGzip,
  connectNodeAdapter,
  type ConnectNodeAdapterOptions,
} from "@connectrpc/connect-node";
import type { Interceptor } from "@connectrpc/connect";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import type { BodyChecks } from "./checked-body.js";
import { ConnectCall } from "./connect-call.js";
import { CheckedRequest, CountedResponse } from "./connect-request.js";
import type { Connections } from "../limits/connections.js";
import { contextValuesOf, withDecodedMessage } from "../limits/decoded-request.js";
import type { Dispatch, ServerContext } from "../limits/dispatch.js";
import { withSendableReplies } from "../grpc/reply-metadata.js";
import type { ServerLimits } from "../limits/server-limits.js";
import { resetStream } from "../limits/stream-reset.js";
import { Semaphore } from "../limits/semaphore.js";
import { unaryMethodsByPath, type UnaryMethod } from "../grpc/unary-method.js";

/**
 * What every request says as its authority by the time Connect reads it. Connect
 * builds a URL of it and dies of those that are none: gRPC's C core sends the
 * escaped path of a Unix socket. Nothing here depends on it.
 */
export const FIXED_AUTHORITY = "localhost";

/** Calls that Connect handles at a time: each may be about to make a reply of 4 MiB. */
export const MAX_CONCURRENT_HANDLERS = 4;

/** Carries the routes with Connect's Node adapter: gRPC, gRPC-Web and Connect. */
export function createConnectDispatcher(
  routes: readonly ServiceRoute[],
  context: ServerContext,
  connections: Connections,
): Dispatch {
  const methods = unaryMethodsByPath(routes);
  const semaphore = new Semaphore(MAX_CONCURRENT_HANDLERS);
  const handle = connectNodeAdapter({
    ...connectOptions(routes, context),
    contextValues: (request) => contextValuesOf((request as CheckedRequest).checks.decoded),
  });
  return (stream, headers) => {
    stream.on("error", ignore);
    const connection = connections.of(stream);
    if (stream.destroyed) connection?.countReset();
    if (stream.destroyed || connection === undefined) return;
    headers[":authority"] = FIXED_AUTHORITY;
    const path = headers[":path"]?.split("?", 1)[0] ?? "";
    const checks = bodyChecks(methods.get(path), context);
    const call = new ConnectCall(stream, headers, connection, context, semaphore);
    try {
      handle(new CheckedRequest(stream, headers, call, checks), new CountedResponse(stream, call));
    } catch (error) {
      context.report(error, "request for Connect");
      resetStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
    }
  };
}

/**
 * What the body of a request is checked against.
 * @param method - the method that is called; undefined for an unknown one
 */
export function bodyChecks(
  method: UnaryMethod | undefined,
  { limits, budget }: ServerContext,
): BodyChecks {
  const { maxRequestBytes = Infinity, decodeRequest } = method?.codec ?? {};
  const maxBytes = Math.min(maxConnectBytes(limits), maxRequestBytes);
  return { maxBytes, budget, decode: decodeRequest, decoded: {} };
}

/** The largest request that Connect may read, decompressed. */
function maxConnectBytes(limits: ServerLimits): number {
  return Math.min(limits.maxRequestBytes, limits.maxConnectRequestBytes);
}

/** How Connect carries routes, whatever brings it the requests. */
export function connectOptions(
  routes: readonly ServiceRoute[],
  { limits, report }: ServerContext,
): ConnectNodeAdapterOptions {
  const sendable = withSendableReplies(routes, report);
  return {
    routes: (router) => {
      for (const { service, implementation } of sendable) router.service(service, implementation);
    },
    interceptors: [withDecodedMessage, expireAtDeadline],
    readMaxBytes: maxConnectBytes(limits),
    acceptCompression: [compressionGzip],
    // Unknown fields are dropped: kept, every two bytes of them would cost an object.
    binaryOptions: { readUnknownFields: false },
  };
}

/** Answers when the deadline has passed; Connect itself only signals it to the implementation. */
const expireAtDeadline: Interceptor = (next) => async (request) => {
  const { signal } = request;
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([next(request), aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
};

function ignore(): void {}
