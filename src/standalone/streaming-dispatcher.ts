import { connectHandlersByPath } from "../server/connect/connect-handler.js";
import { takeTimeoutMs } from "../server/connect/call-timeout.js";
import { Http2Exchange } from "../server/connect/http2-exchange.js";
import {
  sendUniversalResponse,
  universalRequestFrom,
} from "../server/connect/universal-messages.js";
import type { ServiceRoute } from "../rpc/provider-services.js";
import type { Dispatch } from "../server/limits/dispatch.js";
import { connectionOf } from "../server/limits/http2-connection.js";
import type { ServerContext } from "../server/limits/server-context.js";
import { isResetByClient } from "../server/limits/stream-reset.js";
import { http2Responder } from "./responder.js";
import { sendRefusal } from "./refusal.js";

/** The largest request: the name of a service, a file or a symbol. */
const MAX_REQUEST_BYTES = 16_384;

/** The most streams at a time; each may stay open for as long as its client likes. */
const MAX_STREAMS = 256;

/**
 * Carries streaming calls (health's Watch, reflection). It passes on each part of a request
 * when it arrives; the limits of unary calls would wait for the end of the request.
 */
export function createStreamingDispatcher(
  routes: readonly ServiceRoute[],
  { report }: ServerContext,
): Dispatch {
  const handlers = connectHandlersByPath(routes, {
    readMaxBytes: MAX_REQUEST_BYTES,
    acceptCompression: [],
  });
  let streams = 0;
  return (stream, headers) => {
    stream.on("error", ignore);
    const connection = connectionOf(stream);
    const handler = handlers.get(headers[":path"] ?? "");
    if (stream.destroyed || connection === undefined || handler === undefined) return;
    connection.callOpened();
    streams++;
    stream.once("close", () => {
      streams--;
      connection.callClosed(0, isResetByClient(stream));
    });
    if (streams > MAX_STREAMS) {
      const message = `too many streams are open, the limit is ${MAX_STREAMS}`;
      const refusal = { reason: "resource_exhausted", message } as const;
      sendRefusal(http2Responder(stream), headers["content-type"], refusal);
      return;
    }
    takeTimeoutMs(headers);
    const exchange = new Http2Exchange(stream, headers);
    handler(universalRequestFrom(exchange))
      .then((response) => sendUniversalResponse(response, exchange))
      .catch((error: unknown) => {
        if (exchange.isClosed) return;
        report(error, `call to ${exchange.path}`);
        exchange.reset(true);
      });
  };
}

function ignore(): void {}
