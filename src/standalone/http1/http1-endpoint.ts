import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval } from "node:timers";
import type { ServerContext } from "../../server/limits/dispatch.js";
import { Http1Connection } from "./http1-connection.js";
import { takeAbsoluteTarget } from "./request-target.js";

/** The header fields of one request; clients of a cache send a dozen. */
const MAX_HEADERS = 100;

/**
 * The part of a server that speaks HTTP/1.1, on sockets that somebody else
 * accepted. Node's own timeouts need a server that listens, so the clock is looked
 * at here, for all connections at once.
 */
export class Http1Endpoint {
  readonly #server: Server;
  readonly #connections = new Map<Socket, Http1Connection>();
  #sweeper: NodeJS.Timeout | undefined;
  #isClosing = false;

  readonly #context: ServerContext;
  readonly #now: () => number;

  constructor(
    handle: RequestListener,
    context: ServerContext,
    now: () => number = () => performance.now(),
  ) {
    this.#context = context;
    this.#now = now;
    const { limits } = context;
    this.#server = createServer(
      { maxHeaderSize: limits.maxHeaderBytes, noDelay: true },
      (request, response) => {
        this.#connections.get(request.socket)?.begin(request, response, this.#now);
        takeAbsoluteTarget(request);
        handle(request, response);
      },
    );
    this.#server.maxHeadersCount = MAX_HEADERS;
  }

  /** Takes over a socket; ends the longest idle or silent connection if there are too many. */
  accept(socket: Socket): void {
    if (this.#isClosing || (this.#isFull() && !this.#makeRoom())) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, new Http1Connection(socket, this.#context.limits, this.#now()));
    socket.once("close", () => {
      this.#connections.delete(socket);
      if (this.#connections.size === 0) this.#stopSweeping();
    });
    this.#startSweeping();
    this.#server.emit("connection", socket);
  }

  /** Lets every connection end as soon as its requests have been answered. */
  closeAll(): void {
    this.#isClosing = true;
    for (const connection of this.#connections.values()) connection.close();
  }

  /** Ends every connection now. */
  destroyAll(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  #isFull(): boolean {
    return this.#connections.size >= this.#context.limits.maxConnections;
  }

  #makeRoom(): boolean {
    const nowMs = this.#now();
    let victim: Socket | undefined;
    let longestMs = 0;
    for (const [socket, connection] of this.#connections) {
      const uselessMs = connection.uselessMs(nowMs);
      if (uselessMs <= longestMs) continue;
      victim = socket;
      longestMs = uselessMs;
    }
    if (victim === undefined) return false;
    // At once: it takes a moment to close, and more connections may come meanwhile.
    this.#connections.delete(victim);
    victim.destroy();
    return true;
  }

  #startSweeping(): void {
    if (this.#sweeper !== undefined) return;
    this.#sweeper = setInterval(() => {
      const nowMs = this.#now();
      for (const connection of this.#connections.values()) connection.check(nowMs);
    }, this.#context.limits.sweepIntervalMs);
    this.#sweeper.unref();
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
