import {
  createConnectRouter,
  type ConnectRouterOptions,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";
import { Cache } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { StatusCode } from "../../rpc/rpc-error.js";
import { MAX_SHOWN_PATH, type ServedMethods, type UnaryMethod } from "../../rpc/unary-method.js";
import { grpcStatusHeaders } from "../grpc/grpc-status.js";
import { withSendableReplies } from "../grpc/reply-metadata.js";
import type { Connection } from "../limits/connection.js";
import { withDecodedMessage } from "../limits/decoded-request.js";
import { Semaphore } from "../limits/semaphore.js";
import type { ServerContext } from "../limits/server-context.js";
import type { BodyChecks } from "./checked-body.js";
import { ConnectCall } from "./connect-call.js";
import type { HttpExchange } from "./http-exchange.js";

/** The calls that Connect handles at a time: each may be about to make a reply of 4 MiB. */
const MAX_CONCURRENT_HANDLERS = 4;

/** Carries one call with Connect, over either version of HTTP. */
export type ConnectHandler = (exchange: HttpExchange, connection: Connection) => void;

/** Creates what carries calls of the methods with Connect: gRPC, gRPC-Web, Connect and JSON. */
export async function createConnectHandler(
  { unary, loadRoutes }: ServedMethods,
  context: ServerContext,
): Promise<ConnectHandler> {
  const routes = await loadRoutes();
  const handlers = connectHandlersByPath(withSendableReplies(routes, context.report), {
    interceptors: [withDecodedMessage, failAtDeadline],
    readMaxBytes: maxConnectBytes(context),
    acceptCompression: [compressionGzip],
    // Unknown fields are dropped: kept, every two bytes of them would cost an object.
    binaryOptions: { readUnknownFields: false },
  });
  const semaphore = new Semaphore(MAX_CONCURRENT_HANDLERS);
  return (exchange, connection) => {
    const path = exchange.path.split("?", 1)[0] ?? "";
    const handler = handlers.get(path);
    const checks = bodyChecks(unary.get(path), context);
    const call = new ConnectCall(exchange, connection, context, semaphore, {
      isStream: !unary.has(path),
      // Faults can delay calls of the cache for long. The services beside it, which end such a
      // delay, must not wait for them.
      hasLargeReplies: path.startsWith(`/${Cache.typeName}/`),
    });
    if (handler === undefined) refuseUnknown(exchange, path);
    else void call.run(handler, checks);
  };
}

/** Returns Connect's handlers of the routes, by the path of their method. */
export function connectHandlersByPath(
  routes: readonly ServiceRoute[],
  options: ConnectRouterOptions,
): ReadonlyMap<string, UniversalHandler> {
  const router = createConnectRouter(options);
  for (const { service, implementation } of routes) router.service(service, implementation);
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

function bodyChecks(method: UnaryMethod | undefined, context: ServerContext): BodyChecks {
  const maxBytes = Math.min(maxConnectBytes(context), method?.codec.maxRequestBytes ?? Infinity);
  return { maxBytes, budget: context.budget, method, decoded: {} };
}

/** The largest limit of a message that Connect takes. */
const MAX_MESSAGE_BYTES = 2 ** 32 - 1;

/** The largest request that Connect may read, decompressed. */
function maxConnectBytes({ limits }: ServerContext): number {
  return Math.min(limits.maxRequestBytes, limits.maxConnectRequestBytes, MAX_MESSAGE_BYTES);
}

/** Fails the call at its deadline. Connect itself only aborts the implementation's signal. */
const failAtDeadline: Interceptor = (next) => async (request) => {
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

/** Clients of Connect read the HTTP status 404 as "unimplemented". */
function refuseUnknown(exchange: HttpExchange, path: string): void {
  const message = `unknown method ${path.slice(0, MAX_SHOWN_PATH)}`;
  const type = exchange.headers["content-type"];
  if (type?.startsWith("application/grpc") === true) {
    exchange.refuse(200, grpcStatusHeaders(type, StatusCode.unimplemented, message));
    return;
  }
  const body = `${JSON.stringify({ code: "unimplemented", message })}\n`;
  exchange.refuse(404, { "content-type": "application/json" }, body);
}
