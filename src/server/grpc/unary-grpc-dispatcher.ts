import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { setImmediate } from "node:timers";
import { StatusCode } from "../../rpc/rpc-error.js";
import { MAX_SHOWN_PATH, type ServedMethods } from "../../rpc/unary-method.js";
import type { Dispatch } from "../limits/dispatch.js";
import { connectionOf } from "../limits/http2-connection.js";
import type { ServerContext } from "../limits/server-context.js";
import { batchedSteps } from "./batched-steps.js";
import { GRPC, GRPC_PROTO } from "./grpc-headers.js";
import { sendStatus } from "./grpc-status.js";
import { UnaryCall } from "./unary-call.js";

const CALL = Symbol("call");

// Requests arrive in several callbacks of one turn of the event loop; replies end in several ticks.
const start = batchedSteps(setImmediate, (call: UnaryCall) => call.start());
const sendTrailers = batchedSteps(
  (callback) => process.nextTick(callback),
  (call: UnaryCall) => call.sendTrailers(),
);

/** A stream that carries its call, so that all calls share their listeners. */
interface CallStream extends ServerHttp2Stream {
  [CALL]?: UnaryCall;
}

/**
 * Creates a dispatcher that serves unary gRPC calls in the binary format, the only calls of the
 * host, directly on HTTP/2 streams: several times as many a second as Connect. It passes other
 * requests (compression, gRPC-Web, Connect, JSON, streaming) to `others`.
 */
export function createUnaryGrpcDispatcher(
  { unary, streaming }: ServedMethods,
  context: ServerContext,
  others: Dispatch,
): Dispatch {
  return (stream, headers) => {
    const path = headers[":path"] ?? "";
    if (!isUnaryGrpc(headers) || streaming.has(path)) {
      others(stream, headers);
      return;
    }
    stream.on("error", ignore);
    const method = unary.get(path);
    const connection = connectionOf(stream);
    if (connection === undefined) return;
    if (stream.destroyed) {
      // A stream that was reset before it got here has no "close" event any more.
      connection.countReset();
      return;
    }
    if (method === undefined) {
      const text = `unknown method ${path.slice(0, MAX_SHOWN_PATH)}`;
      sendStatus(stream, headers["content-type"], StatusCode.unimplemented, text, false);
      return;
    }
    // In this order: a call that fails at once closes its stream.
    stream.on("close", onClose);
    const call = new UnaryCall(stream, headers, method, connection, context);
    (stream as CallStream)[CALL] = call;
    stream.on("wantTrailers", onWantTrailers);
    stream.on("end", onEnd);
    stream.on("data", onData);
    call.begin();
  };
}

function isUnaryGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers["content-type"];
  if (type !== GRPC && type !== GRPC_PROTO) return false;
  const encoding = headers["grpc-encoding"];
  return headers[":method"] === "POST" && (encoding === undefined || encoding === "identity");
}

function onData(this: CallStream, chunk: Buffer): void {
  this[CALL]?.read(chunk);
}

function onEnd(this: CallStream): void {
  if (this[CALL] !== undefined) start(this[CALL]);
}

function onWantTrailers(this: CallStream): void {
  if (this[CALL] !== undefined) sendTrailers(this[CALL]);
}

function onClose(this: CallStream): void {
  this[CALL]?.closed();
}

/** A stream fails when its client leaves; "close" follows. */
function ignore(): void {}
