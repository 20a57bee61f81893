import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { ServiceRoute } from "../rpc/provider-services.js";
import { takeTimeoutMs } from "../server/connect/call-timeout.js";
import { FIXED_AUTHORITY } from "../server/connect/connect-dispatcher.js";
import type { Connections } from "../server/limits/connections.js";
import type { Dispatch } from "../server/limits/dispatch.js";
import { isResetByClient } from "../server/limits/stream-reset.js";
import { http2Responder } from "./responder.js";
import { sendRefusal } from "./refusal.js";

/** Streams ask for the name of a service, a file or a symbol. */
const MAX_REQUEST_BYTES = 16_384;

/** Streams at a time; each may stay open for as long as its client likes. */
const MAX_STREAMS = 256;

/**
 * Carries streaming calls (health's Watch, reflection), whose requests are handed
 * on as they come: the limits of unary calls would wait for their end.
 */
export function createStreamingDispatcher(
  routes: readonly ServiceRoute[],
  connections: Connections,
): Dispatch {
  const handle = connectNodeAdapter({
    routes: (router) => {
      for (const { service, implementation } of routes) router.service(service, implementation);
    },
    readMaxBytes: MAX_REQUEST_BYTES,
    acceptCompression: [],
  });
  let streams = 0;
  return (stream, headers) => {
    stream.on("error", ignore);
    const connection = connections.of(stream);
    if (stream.destroyed || connection === undefined) return;
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
    headers[":authority"] = FIXED_AUTHORITY;
    takeTimeoutMs(headers);
    handle(new Http2ServerRequest(stream, headers, {}, []), new Http2ServerResponse(stream));
  };
}

function ignore(): void {}
