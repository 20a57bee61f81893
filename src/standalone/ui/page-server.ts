import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Cache } from "../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Control } from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { StatisticsService } from "../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { listenOnTcp } from "../../server/listen/tcp-socket.js";
import { http1Responder, type Responder } from "../responder.js";
import { createBindingRouter } from "../binding-router.js";
import { takeAbsoluteTarget } from "../http1/request-target.js";
import { createPageCheck } from "../page-check.js";
import { sendRefusal, type Refusal } from "../refusal.js";
import { originRefusal } from "./origin-check.js";
import { PAGE_DOCUMENT, PAGE_HEADERS } from "./page-document.js";
import { PageSessions } from "./page-sessions.js";

/** What the page shows. */
export interface PageServerOptions {
  /** The services of each binding by its name: Cache, StatisticsService and Control. */
  readonly bindings: ReadonlyMap<string, readonly ServiceRoute[]>;
  readonly version: string;
  /** Takes each link to the page. A link works once; when it was used, the next one comes. */
  readonly onLink: (url: string) => void;
}

/** A page that can be opened. */
export interface PageServer {
  /** Ends it with all its connections. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Where every request comes in, also one whose connection has ended meanwhile. */
const LISTENING = { localAddress: HOST };

/** The largest request: a value that is written in the page, with its key. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** The largest body of a request for a session. */
const MAX_TOKEN_BYTES = 256;

/** Tabs of a browser have six connections each. */
const MAX_CONNECTIONS = 256;

/**
 * Serves the page on a free loopback TCP port, and the services that it uses. Every request is
 * checked by its Host and Origin headers, and every one but that for the empty page by its session.
 *
 * @throws ListenError when there is no port
 */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { bindings, version, onLink } = options;
  const sessions = new PageSessions();
  const hostRefusal = createPageCheck([]);
  const routes = [Cache, StatisticsService, Control].map((service) =>
    createBindingRouter(service, bindings),
  );
  const call = connectNodeAdapter({
    routes: (router) => {
      for (const { service, implementation } of routes) router.service(service, implementation);
    },
    grpc: false,
    grpcWeb: false,
    readMaxBytes: MAX_REQUEST_BYTES,
    acceptCompression: [],
  });
  let port = 0;
  const announce = (): void =>
    onLink(`http://${HOST}:${port}/#token=${sessions.createLinkToken()}`);

  const openSession = async (request: IncomingMessage, respond: Responder): Promise<void> => {
    const token = await readText(request, MAX_TOKEN_BYTES);
    const session = token === undefined ? undefined : sessions.open(token);
    if (session === undefined) {
      sendRefusal(respond, undefined, { reason: "unauthenticated", message: LINK_IS_USED });
      return;
    }
    sendJson(respond, 200, { session });
    announce();
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // What is left of a request that was answered early is read and dropped.
    response.once("finish", () => request.resume());
    takeAbsoluteTarget(request);
    const { method, url = "", headers } = request;
    const respond = http1Responder(response);
    const path = url.split("?", 1)[0];
    const refuse = (refusal: Refusal): void =>
      sendRefusal(respond, headers["content-type"], refusal);
    const foreign =
      hostRefusal({ headers, target: url, socket: LISTENING }) ?? originRefusal(headers);
    if (foreign !== undefined) {
      refuse(foreign);
    } else if (path === "/" && (method === "GET" || method === "HEAD")) {
      respond(200, PAGE_HEADERS, method === "HEAD" ? undefined : PAGE_DOCUMENT);
    } else if (path === "/session" && method === "POST") {
      openSession(request, respond).catch(() => response.destroy());
    } else {
      const refusal = sessions.refusalOf(headers);
      if (refusal !== undefined) refuse(refusal);
      else if (path === "/session")
        sendJson(respond, 200, { version, bindings: [...bindings.keys()] });
      else call(request, response);
    }
  };

  const server = createServer({ noDelay: true }, handle);
  server.maxConnections = MAX_CONNECTIONS;
  port = await listenOnTcp(server, HOST, 0);
  announce();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const LINK_IS_USED =
  "this link was used, or is not the last one; open the link that was printed last";

/** The body of a request; undefined when it is longer than `maxBytes`. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function sendJson(respond: Responder, status: number, body: object): void {
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  respond(status, headers, `${JSON.stringify(body)}\n`);
}
