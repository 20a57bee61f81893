import type { OutgoingHttpHeaders } from "node:http";
import { Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { webHeadersFrom } from "../grpc/web-headers.js";
import type { HttpExchange } from "./http-exchange.js";

/**
 * The authority of every URL that Connect sees. Clients send authorities that no URL can hold:
 * gRPC's C core sends the escaped path of a Unix socket. No service here reads the authority.
 */
const AUTHORITY = "localhost";

/**
 * Returns a request as Connect's handlers take it. Its signal is aborted when the exchange
 * closes before the response is complete.
 *
 * @param body - replaces the exchange's body
 */
export function universalRequestFrom(
  exchange: HttpExchange,
  body: AsyncIterable<Uint8Array> = exchange.body,
  contextValues?: ContextValues,
): UniversalServerRequest {
  const controller = new AbortController();
  exchange.onClose(() => {
    controller.abort(new ConnectError("the client cancelled the call", Code.Canceled));
  });
  return {
    httpVersion: exchange.httpVersion,
    method: exchange.method,
    url: `http://${AUTHORITY}${exchange.path}`,
    header: webHeadersFrom(exchange.headers),
    body,
    signal: controller.signal,
    ...(contextValues === undefined ? {} : { contextValues }),
  };
}

/**
 * Sends a response of one of Connect's handlers, unless the exchange has been answered or
 * closed meanwhile.
 *
 * @param onChunk - called with the size of each part of the body, before it is sent
 */
export async function sendUniversalResponse(
  { status, header, body, trailer }: UniversalServerResponse,
  exchange: HttpExchange,
  onChunk: (bytes: number) => void = () => {},
): Promise<void> {
  const chunks = body?.[Symbol.asyncIterator]();
  try {
    // An implementation may set headers until the first part of the body is there.
    let chunk = await chunks?.next();
    if (exchange.hasResponded || exchange.isClosed) return;
    exchange.respond(status, nodeHeadersFrom(header) ?? {});
    while (chunk !== undefined && chunk.done !== true) {
      onChunk(chunk.value.length);
      if (!(await exchange.write(chunk.value))) return;
      chunk = await chunks?.next();
    }
    exchange.end(nodeHeadersFrom(trailer));
  } finally {
    await chunks?.return?.();
  }
}

/** Headers as Node sends them: a name that occurs more than once has a list of values. */
function nodeHeadersFrom(headers: Headers | undefined): OutgoingHttpHeaders | undefined {
  if (headers === undefined) return undefined;
  const result: OutgoingHttpHeaders = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  if (cookies.length > 1) result["set-cookie"] = cookies;
  return result;
}
