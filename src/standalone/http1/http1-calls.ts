import type { IncomingMessage, ServerResponse } from "node:http";
import { createConnectRouter } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { RpcError, StatusCode } from "../../rpc/rpc-error.js";
import { takeTimeoutMs } from "../../server/connect/call-timeout.js";
import { checkedBody, type BodyOwner } from "../../server/connect/checked-body.js";
import { takeBodyFormat } from "../../server/connect/connect-body.js";
import {
  bodyChecks,
  MAX_CONCURRENT_HANDLERS,
  connectOptions,
  FIXED_AUTHORITY,
} from "../../server/connect/connect-dispatcher.js";
import { contextValuesOf } from "../../server/limits/decoded-request.js";
import type { ServerContext } from "../../server/limits/dispatch.js";
import { Semaphore } from "../../server/limits/semaphore.js";
import { unaryMethodsByPath } from "../../server/grpc/unary-method.js";
import { http1Responder } from "../responder.js";

/** Serves one call that came over HTTP/1.1. */
export type Http1Calls = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Carries the routes over HTTP/1.1: Connect, JSON and gRPC-Web, held to the same
 * limits as over HTTP/2.
 */
export function createHttp1Calls(
  routes: readonly ServiceRoute[],
  context: ServerContext,
): Http1Calls {
  const options = connectOptions(routes, context);
  const router = createConnectRouter(options);
  options.routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  const methods = unaryMethodsByPath(routes);
  const semaphore = new Semaphore(MAX_CONCURRENT_HANDLERS);

  return (request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "";
    const handler = handlers.get(path);
    if (handler === undefined) {
      sendUnknown(response, path);
      return;
    }
    // Connect builds a URL of it, and dies of one that is none.
    request.headers.host = FIXED_AUTHORITY;
    takeTimeoutMs(request.headers);
    const format = takeBodyFormat(request.headers);
    const call = new Http1Call(response, context, semaphore);
    const checks = bodyChecks(methods.get(path), context);
    // A request that is refused half-way must not be destroyed: its answer goes the same way.
    const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    handler({
      ...universalRequestFromNodeRequest(
        request,
        response,
        undefined,
        contextValuesOf(checks.decoded),
      ),
      body: checkedBody(chunks, format, checks, call),
    })
      .then((reply) => universalResponseToNodeResponse(call.counted(reply), response))
      .catch((error: unknown) => {
        // A client that left is no defect.
        if (!request.destroyed && !response.destroyed)
          context.report(error, `HTTP/1.1 call to ${path}`);
        response.destroy();
      });
  };
}

/** What a server's limits ask of a call over HTTP/1.1. */
class Http1Call implements BodyOwner {
  #heldReplyBytes = 0;
  #isInside = false;
  #isClosed = false;
  #releaseBody: (() => void) | undefined;

  readonly #context: ServerContext;
  readonly #semaphore: Semaphore;

  constructor(response: ServerResponse, context: ServerContext, semaphore: Semaphore) {
    this.#context = context;
    this.#semaphore = semaphore;
    response.once("close", () => this.#closed());
  }

  holds(release: () => void): void {
    if (this.#isClosed) release();
    else this.#releaseBody = release;
  }

  async begin(): Promise<void> {
    await this.#semaphore.acquire();
    this.#isInside = true;
    const { budget } = this.#context;
    if (!this.#isClosed && budget.heldBytes < budget.maxBytes) return;
    this.#leave();
    const text = `no room for a reply: ${budget.heldBytes} bytes are in flight; try again`;
    throw this.#isClosed
      ? new RpcError(StatusCode.cancelled, "the client cancelled the call")
      : new RpcError(StatusCode.resourceExhausted, text);
  }

  /** The reply, whose bytes are counted until the client has taken them. */
  counted(reply: UniversalServerResponse): UniversalServerResponse {
    if (reply.body === undefined) {
      this.#leave();
      return reply;
    }
    return { ...reply, body: this.#countedBody(reply.body) };
  }

  async *#countedBody(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        this.#leave();
        if (this.#isClosed) return;
        this.#context.budget.add(chunk.length);
        this.#heldReplyBytes += chunk.length;
        yield chunk;
      }
    } finally {
      this.#leave();
    }
  }

  #closed(): void {
    this.#isClosed = true;
    this.#leave();
    this.#releaseBody?.();
    this.#context.budget.release(this.#heldReplyBytes);
  }

  #leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#semaphore.release();
  }
}

const MAX_SHOWN_PATH = 200;

/** Connect reads 404 as "unimplemented". */
function sendUnknown(response: ServerResponse, path: string): void {
  const message = `unknown method ${path.slice(0, MAX_SHOWN_PATH)}`;
  const body = `${JSON.stringify({ code: "unimplemented", message })}\n`;
  http1Responder(response)(404, { "content-type": "application/json" }, body);
}
